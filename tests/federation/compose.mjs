// Makes one supergraph of several graphs and prints it: node compose.mjs NAME=URL[,FILE]..

import { composeServices } from '@theguild/federation-composition';
import { graphs, orFail } from './graphs.mjs';

console.log(orFail(composeServices(await graphs())));
