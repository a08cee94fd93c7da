// Compares a schema with the released one. Arguments: the released one, the present one, and the folder of the
// installed packages. Prints one line of JSON: what would break a consumer without having been deprecated in the
// released schema, what breaks one and had been, and what may surprise one.

import { pathToFileURL } from 'node:url';
import { readFileSync } from 'node:fs';

const [released, present, modules] = process.argv.slice(2);
const { buildSchema, findBreakingChanges, findDangerousChanges } = await import(
  pathToFileURL(`${modules}/graphql/index.mjs`)
);
const read = (path) => buildSchema(readFileSync(path, 'utf8'));
const [before, after] = [read(released), read(present)];

/// Whether what a change takes away was deprecated: `Type.field was removed.`, `VALUE was removed from enum type T.`
function announced({ type, description }) {
  const words = description.match(/\w+(?:\.\w+)?/g);
  if (type === 'FIELD_REMOVED') {
    const [of, field] = words[0].split('.');
    return before.getType(of).getFields()[field]?.deprecationReason != null;
  }
  if (type === 'VALUE_REMOVED_FROM_ENUM') {
    return before.getType(words.at(-1)).getValue(words[0])?.deprecationReason != null;
  }
  if (type === 'ARG_REMOVED') {
    const [, of, field, argument] = description.match(/^(\w+)\.(\w+) arg (\w+) was removed/) ?? [];
    const args = of ? before.getType(of).getFields()[field].args : [];
    return args.find((it) => it.name === argument)?.deprecationReason != null;
  }
  // A type goes with the last field that led to it.
  return type === 'TYPE_REMOVED' && !usedUndeprecated(words[0]);
}

/// Whether something of the released schema that is not deprecated gives or takes the type.
function usedUndeprecated(name) {
  const named = (it) => String(it.type).replace(/[[\]!]/g, '') === name;
  return Object.values(before.getTypeMap()).some((it) =>
    Object.values(it.getFields?.() ?? {}).some(
      (field) =>
        field.deprecationReason == null && (named(field) || (field.args ?? []).some(named)),
    ),
  );
}

const breaking = findBreakingChanges(before, after);
const told = (them) => them.map((it) => `${it.type}: ${it.description}`);
console.log(
  JSON.stringify({
    types: Object.keys(before.getTypeMap()).length,
    broken: told(breaking.filter((it) => !announced(it))),
    removed: told(breaking.filter(announced)),
    surprising: told(findDangerousChanges(before, after)),
  }),
);
