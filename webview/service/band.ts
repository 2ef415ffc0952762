/** A band of latencies as words of the filter language. */
import type { Subject } from '../../src/shared/protocol.ts';
import type { Band } from '../charts/heatmap.ts';
import type { AppContext } from '../view.ts';

/** Few calls in small cells are confetti. */
export const heatSize = (calls: number): { readonly columns: number; readonly rows: number } =>
  calls < 1500 ? { columns: 60, rows: 16 } : { columns: 120, rows: 32 };

/** As a person would write it: three digits, in the unit that fits. */
export function timeWord(ns: number): string {
  const [unit, size] = ns >= 1e9 ? (['s', 1e9] as const) : ns >= 1e6 ? (['ms', 1e6] as const) : (['us', 1e3] as const);
  return `${Number((ns / size).toPrecision(3))}${unit}`;
}
/** A value of the filter language. */
export const quoted = (name: string): string => (/^[\w./-]+$/.test(name) ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`);

const BAND = /\s*(caller:(?:"(?:[^"\\]|\\.)*"|\S+) )?service:(?:"(?:[^"\\]|\\.)*"|\S+) duration>\S+ duration<\S+/;

/** The text with this band in the place of one that was put there before; null takes it out. */
export function bandFilter(context: AppContext, of: Subject, text: string, band: Band | null): string {
  const rest = text.replace(BAND, '').trim();
  if (band === null) return rest;
  const { directory } = context;
  const edge = 'edge' in of ? directory.edge(of.edge) : undefined;
  const service = 'service' in of ? of.service : (edge?.to ?? -1);
  const caller = edge ? `caller:${quoted(directory.name(edge.from))} ` : '';
  const words = `${caller}service:${quoted(directory.name(service))} duration>${timeWord(band.bandNs[0])} duration<${timeWord(band.bandNs[1])}`;
  return `${rest} ${words}`.trim();
}
