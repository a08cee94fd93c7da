// Holds a schema to the recommended and relay rules of @graphql-eslint. Arguments: the schema and the folder
// of the installed packages. Prints one line of JSON: what breaks a rule, as rule, line and message.
//
// Exceptions, each with its reason:
// - strict-id-in-types: what has an id of its own is a node; a count, a value or a page has none.
// - relay-edge-types wants every list to hold edges, and every node of an edge to have a global id: a list of
//   three names needs no cursor, and entries of logs are read in their order, never by an id.
// - require-description of connections and of Upload: the library writes them; Relay and the multipart
//   request specification say what they are.
// - no-typename-prefix: `Link.linked` is the word for what it says, not `Link` repeated.
// - relay-arguments of `financingView` and `inclusionRows`: they are pulled forwards alone, so that a page is one
//   walk of an index.
// - naming-convention of what Apollo Federation names: `_entities`, `_service` and their types.
// - no-unreachable-types: `specifiedBy` is a directive of GraphQL itself, which the library prints.

import { pathToFileURL } from 'node:url';
import { readFileSync } from 'node:fs';

const [path, modules] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${modules}/${name}`));
const { Linter } = (await load('eslint/lib/api.js')).default;
const { default: plugin } = await load('@graphql-eslint/eslint-plugin/esm/index.js');

const schemaSdl = readFileSync(path, 'utf8');
const rules = {
  ...plugin.configs['flat/schema-recommended'].rules,
  ...plugin.configs['flat/schema-relay'].rules,
  '@graphql-eslint/strict-id-in-types': 'off',
  '@graphql-eslint/relay-edge-types': [
    'error',
    { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false, withEdgeSuffix: true },
  ],
};
const excepted = [
  [
    '@graphql-eslint/require-description',
    /^Description is required for (type "\w+Connection"|scalar "Upload")$/,
  ],
  [
    '@graphql-eslint/relay-arguments',
    /^Field `(?:financingView|inclusionRows)` must contain an argument `(last|before)`,/,
  ],
  ['@graphql-eslint/no-typename-prefix', /^Field "linked" starts with the name of the parent type "Link"$/],
  ['@graphql-eslint/no-unreachable-types', /^Directive `specifiedBy` is unreachable\.$/],
  ['@graphql-eslint/naming-convention', /./, /\b_(entities|service|Any|Entity|Service)\b/],
];
const lines = schemaSdl.split('\n');
const found = new Linter({ configType: 'flat' }).verify(
  schemaSdl,
  [
    {
      files: ['**/*.graphql'],
      languageOptions: { parser: plugin.parser, parserOptions: { graphQLConfig: { schema: path } } },
      plugins: { '@graphql-eslint': plugin },
      rules,
    },
  ],
  { filename: 'schema.graphql' },
);
const broken = found.filter(
  (it) =>
    !excepted.some(
      ([rule, text, line = /^/]) =>
        rule === it.ruleId && text.test(it.message) && line.test(lines[it.line - 1]),
    ),
);
console.log(
  JSON.stringify({
    rules: Object.keys(rules).length,
    broken: broken.map((it) => ({ rule: it.ruleId, line: it.line, message: it.message })),
  }),
);
