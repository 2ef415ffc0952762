/**
 * Text for a cell of a spreadsheet that runs nothing: a quote mark before what begins a formula (= + - @ |, also fullwidth), at the
 * start and behind what some spreadsheets take for the next cell (semicolon, tab, line break), also behind blanks and quotes.
 */
export const noFormula = (text: string): string => text.replace(/(^|[;\t\r\n])(?=[\s"]*[=+\-@|\uff1d\uff0b\uff0d\uff20])/g, "$1'");
