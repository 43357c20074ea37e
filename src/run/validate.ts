/**
 * Body checks: JSON Schemas of a profile, compiled by Ajv on first use, and their errors as mismatches.
 *
 * @module
 */
import type { ErrorObject, ValidateFunction } from 'ajv';
import { show } from '../judge/match.ts';
import type { Profile } from '../model/catalogue.ts';
import type { Mismatch } from '../model/record.ts';
import { HarnessError } from '../support/error.ts';
import { readPointer } from '../support/pointer.ts';

export type Validate = (schema: string, value: unknown) => readonly Mismatch[];

const made = new WeakMap<Profile, Promise<Validate>>();

/** The validator of a profile, made once; Ajv is loaded only when the profile has schemas. */
export function createValidator(profile: Profile): Promise<Validate> {
  let validator = made.get(profile);
  if (validator === undefined) made.set(profile, (validator = make(profile)));
  return validator;
}

async function make(profile: Profile): Promise<Validate> {
  const schemas = Object.entries(profile.schemas);
  if (schemas.length === 0) return () => [];
  const [{ Ajv }, formats] = await Promise.all([import('ajv'), import('ajv-formats')]);
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  formats.default.default(ajv);
  const compiled = new Map<string, ValidateFunction>();
  return (name, value) => {
    const schema = profile.schemas[name];
    if (schema === undefined) throw new HarnessError(`profile ${profile.name} has no schema "${name}"`);
    let guard = compiled.get(name);
    if (guard === undefined) compiled.set(name, (guard = ajv.compile(schema)));
    return guard(value) ? [] : describeErrors(guard.errors ?? [], value);
  };
}

/** One mismatch per place; the branches of anyOf and oneOf are told as one. */
function describeErrors(errors: readonly ErrorObject[], value: unknown): Mismatch[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  const inUnion = (error: ErrorObject) => unions.some((union) => union !== error && error.schemaPath.startsWith(union.schemaPath));
  const byPlace = new Map<string, Mismatch>();
  for (const error of errors.filter((one) => !inUnion(one))) {
    const mismatch = describeError(error, value);
    const known = byPlace.get(mismatch.at);
    byPlace.set(mismatch.at, known === undefined ? mismatch : { ...known, expected: `${known.expected} and ${mismatch.expected}` });
  }
  return [...byPlace.values()];
}

function describeError(error: ErrorObject, body: unknown): Mismatch {
  const at = error.instancePath === '' ? 'body' : error.instancePath;
  const read = readPointer(body, error.instancePath);
  const actual = show(read.found ? read.value : undefined);
  switch (error.keyword) {
    case 'required':
      return { at: `${error.instancePath}/${error.params['missingProperty']}`, expected: 'present', actual: 'absent' };
    case 'additionalProperties':
      return { at: `${error.instancePath}/${error.params['additionalProperty']}`, expected: 'absent', actual: 'present' };
    case 'type':
      return { at, expected: `type ${[error.params['type']].flat().join(' or ')}`, actual };
    case 'const':
      return { at, expected: show(error.params['allowedValue']), actual };
    case 'enum':
      return { at, expected: (error.params['allowedValues'] as unknown[]).map(show).join(' or '), actual };
    case 'pattern':
      return { at, expected: `text matching /${error.params['pattern']}/`, actual };
    default:
      return { at, expected: error.message ?? error.keyword, actual };
  }
}
