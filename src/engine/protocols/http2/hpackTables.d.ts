// hpack.js brings no types; only its two tables are used.
declare module 'hpack.js/lib/hpack/huffman.js' {
  /** [length in bits, code] of each byte, then of the end of string (RFC 7541, appendix B). */
  const tables: { readonly encode: readonly (readonly [number, number])[] };
  export default tables;
}
declare module 'hpack.js/lib/hpack/static-table.js' {
  /** RFC 7541, appendix A, from index 1 on. */
  const tables: { readonly table: readonly { readonly name: string; readonly value: string }[] };
  export default tables;
}
