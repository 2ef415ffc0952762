/**
 * What must be done to a message before it crosses between the extension host and a webview. VS Code carries such messages as JSON with
 * the buffers of typed arrays beside it, so NaN and infinities outside typed arrays would arrive as null. They travel as marked strings.
 */
const MARK = '\u0000';

/** Plain data, arrays and typed arrays; the input is not changed, and is returned itself where nothing had to be marked. */
export function encode(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : `${MARK}${value}`;
  if (typeof value === 'string') return value.startsWith(MARK) ? `${MARK}s${value}` : value;
  return each(value, encode);
}

export function decode(value: unknown): unknown {
  if (typeof value !== 'string') return each(value, decode);
  if (!value.startsWith(MARK)) return value;
  return value[1] === 's' ? value.slice(2) : Number(value.slice(1));
}

function each(value: unknown, change: (v: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value;
  if (Array.isArray(value)) {
    let copy: unknown[] | null = null;
    for (let i = 0; i < value.length; i++) {
      const v = change(value[i]);
      if (copy === null && v !== value[i]) copy = value.slice();
      if (copy !== null) copy[i] = v;
    }
    return copy ?? value;
  }
  const from = value as Record<string, unknown>;
  let copy: Record<string, unknown> | null = null;
  for (const key of Object.keys(from)) {
    const v = change(from[key]);
    if (v === from[key]) continue;
    copy ??= { ...from };
    copy[key] = v;
  }
  return copy ?? value;
}
