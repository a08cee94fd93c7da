// Makes one supergraph of several cities' hubs and prints it: node province.mjs serang=URL[,FILE] cilegon=URL[,FILE]..
//
// Every city has its own register, its own rights and its own ids; what has an id, or is told by one city alone,
// carries its name: `serang_enterprises` gives a page of `Serang_Enterprise`. What is the same in every city
// (places, classification, enums, scalars) keeps its name.

import { buildASTSchema, isEnumType, isScalarType, parse } from 'graphql';
import { composeSubgraphs, createPrefixTransform } from '@graphql-mesh/fusion-composition';
import { composeServices, transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { graphs, orFail } from './graphs.mjs';

const NATIONAL = ['Kbli', 'Kecamatan', 'Kelurahan', 'PageInfo', 'Section'];

const capital = (name) => name[0].toUpperCase() + name.slice(1);
const cities = (await graphs()).map((city) => {
  // What the hub keeps to itself stays with it.
  const alone = orFail(composeServices([city]));
  const schema = buildASTSchema(transformSupergraphToPublicSchema(parse(alone)), { assumeValidSDL: true });
  const words = Object.values(schema.getTypeMap()).filter((it) => isScalarType(it) || isEnumType(it));
  const ignore = [...NATIONAL, ...words.map((it) => it.name)];
  return {
    name: city.name,
    url: city.url,
    schema,
    transforms: [
      createPrefixTransform({ value: `${city.name}_`, includeRootOperations: true, includeTypes: false }),
      createPrefixTransform({ value: `${capital(city.name)}_`, ignore }),
    ],
  };
});
console.log(orFail(composeSubgraphs(cities)));
