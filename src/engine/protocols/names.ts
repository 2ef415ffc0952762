import { PARSERS } from './registry.ts';

/** What no parser speaks: flows of no known protocol, and what only records of other tools name. */
const WITHOUT_PARSER = ['unknown', 'amqp'] as const;

type ParserClass = (typeof PARSERS)[number];
export type Protocol = (typeof WITHOUT_PARSER)[number] | ParserClass['protocols'][number];

/** Application protocols; their numbers are good within a process, files and stores hold names. */
export const PROTOCOLS: readonly Protocol[] = [...new Set<Protocol>([...WITHOUT_PARSER, ...PARSERS.flatMap(namesOf)])];

/** Index into PROTOCOLS; 'unknown' for what is none of them. */
export const protocolNumber = (name: string | null | undefined): number =>
  Math.max(0, (PROTOCOLS as readonly string[]).indexOf(name ?? ''));

const DATABASES: ReadonlySet<string> = new Set(PARSERS.filter((parser) => 'database' in parser).flatMap(namesOf));
/** One that OpenTelemetry's conventions call a database. */
export const isDatabase = (name: string): boolean => DATABASES.has(name);

function namesOf(parser: ParserClass): readonly Protocol[] {
  return parser.protocols;
}
