/**
 * Parses, validates and executes with graphql-js, and says it as graphql-php does.
 *
 * @module
 */
import type { DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import { checkArgument, objectWith } from '../../../src/support/options.ts';

type Library = typeof import('graphql');

let library: Library | undefined;

/** Hands the library over where it cannot be required, e.g. in a browser. */
export function useGraphql(provided: Library): void {
  const rule = objectWith('the package graphql: await import("graphql")', 'parse', 'validate', 'execute');
  checkArgument('useGraphql', 'library', provided, rule);
  library = provided;
}

/** Loaded by the first site that has the module: it is the heaviest import of the mock. */
export function graphqlLibrary(): Library {
  if (library !== undefined) return library;
  const module = globalThis.process?.getBuiltinModule?.('node:module');
  if (module === undefined)
    throw new Error('The GraphQL module is imitated with the package graphql: call useGraphql(await import("graphql")) first');
  library = module.createRequire(import.meta.url)('graphql') as Library;
  return library;
}

export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | undefined;
  /** Only queries may be sent with GET. */
  readonly readOnly: boolean;
}

interface WrittenError {
  readonly message: string;
  readonly extensions: { readonly category: string };
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly path?: readonly (string | number)[];
}

export interface Result {
  readonly errors?: readonly WrittenError[];
  readonly data?: unknown;
}

/** An error of the request as a whole. */
export function requestError(message: string): Result {
  return { errors: [{ message, extensions: { category: 'request' } }] };
}

export function runOperation(operation: Operation, schema: GraphQLSchema, context: unknown, refusesUnknownTypes: boolean): Result {
  const { execute, GraphQLError: Fault, parse, validate } = graphqlLibrary();
  let document: DocumentNode;
  try {
    document = parse(operation.query);
  } catch (error) {
    if (error instanceof Fault) return { errors: [written(error)] };
    throw error;
  }
  if (operation.readOnly && isMutation(document, operation.operationName)) return requestError('GET supports only query operation');
  const unknown = refusesUnknownTypes ? unknownType(document, schema) : undefined;
  if (unknown !== undefined)
    return { errors: [{ message: `Type "${unknown}" not found in document.`, extensions: { category: 'graphql' } }] };
  const faults = validate(schema, document);
  if (faults.length > 0) return { errors: faults.map(written) };
  const { variables, operationName } = operation;
  const result = execute({ schema, document, contextValue: context, variableValues: variables, operationName }) as ExecutionResult;
  return {
    ...(result.errors !== undefined && { errors: result.errors.map(written) }),
    ...(result.data !== undefined && { data: result.data }),
  };
}

function isMutation({ definitions }: DocumentNode, name: string | undefined): boolean {
  const operations = definitions.filter((definition) => definition.kind === 'OperationDefinition');
  const chosen = operations.find((operation) => name === undefined || operation.name?.value === name);
  return chosen?.operation === 'mutation' || chosen?.operation === 'subscription';
}

/** A schema that is built lazily from its document fails on the first type that it does not name. */
function unknownType(document: DocumentNode, schema: GraphQLSchema): string | undefined {
  const { visit } = graphqlLibrary();
  let found: string | undefined;
  visit(document, {
    NamedType: ({ name }) => {
      if (schema.getType(name.value) === undefined) found ??= name.value;
    },
  });
  return found;
}

/** What a resolver threw is never shown. */
/** Where graphql-php words a fault in another way. */
function inPhp(message: string): string {
  return message
    .replace(/^(Syntax Error: .*)\.$/s, '$1')
    .replace(/ must have a selection of subfields\. Did you mean .*$/s, ' must have a sub selection.')
    .replace(/ is required, but it was not provided\.$/, ' is required but not provided.')
    .replace(/^(Unknown argument "[^"]*" on field ")(\w+)\.(\w+)"/, '$1$3" of type "$2"');
}

function written({ message, locations, originalError, path }: GraphQLError): WrittenError {
  const isInternal = originalError !== undefined && originalError !== null;
  return {
    message: isInternal ? 'Internal server error' : inPhp(message),
    extensions: { category: isInternal ? 'internal' : 'graphql' },
    ...(locations !== undefined && { locations: locations.map(({ line, column }) => ({ line, column })) }),
    ...(path !== undefined && { path }),
  };
}
