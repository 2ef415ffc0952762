/** Exports without what queries carry: names of parameters stay, their values do not (OpenTelemetry's word for what was taken out). */
import { isHttp } from './pieces.ts';
import type { ExportCall, ExportSource } from './source.ts';

export const REDACTED = 'REDACTED';

/** "/a?x=1&token=2#y" -> "/a?x=REDACTED&token=REDACTED". A query that is no list of parameters goes as a whole. */
export function withoutQueryValues(target: string): string {
  const question = target.indexOf('?');
  if (question < 0) return target;
  const query = target.slice(question + 1).split('#')[0]!;
  if (query === '') return target.slice(0, question + 1);
  const parameters = query.split(/[&;]/).map((p) => {
    const equals = p.indexOf('=');
    return equals < 0 ? REDACTED : `${p.slice(0, equals)}=${REDACTED}`;
  });
  return `${target.slice(0, question)}?${parameters.join('&')}`;
}

/** User and password in an absolute target: "http://u:p@host/" -> "http://REDACTED@host/". */
const withoutUser = (target: string): string => target.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, `$1${REDACTED}@`);

/** The same source, its targets redacted. */
export function redacted(source: ExportSource): ExportSource {
  return { ...source, call: (row) => redactedCall(source.call(row)) };
}
/** A call is a view that computes its fields when asked: one of them is put in front of it. */
function redactedCall(call: ExportCall): ExportCall {
  if (!isHttp(call.protocol)) return call;
  const { target } = call;
  const clean = withoutUser(withoutQueryValues(target));
  return clean === target ? call : Object.create(call, { target: { value: clean, enumerable: true } });
}
