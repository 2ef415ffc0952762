import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStatement } from '../../../src/engine/protocols/sql.ts';

describe('a statement without its values', () => {
  it.each([
    ["SELECT * FROM t WHERE a = 'x' AND b=42", 'SELECT', 'SELECT * FROM t WHERE a = ? AND b=?'],
    ["insert into t values (1, 'a', NULL), (2, 'b''c', NULL);", 'INSERT', 'insert into t values (?, NULL), (?, NULL)'],
    ['INSERT INTO t(a,b) VALUES (1,2),(3,4),(5,6)', 'INSERT', 'INSERT INTO t(a,b) VALUES (?)'],
    ['select * from t1 where id in (1, 2, 3)', 'SELECT', 'select * from t1 where id in (?)'],
    ['/* who: me */ SELECT 1 -- secret\n', 'SELECT', 'SELECT ?'],
    ["SELECT E'a\\'b', N'x', x'00', -1.5e3, 0xff, $1, :name", 'SELECT', 'SELECT ?'],
    ["SELECT $fn$ body 'x' $fn$ , $$y$$", 'SELECT', 'SELECT ?'],
    ['SELECT "Name" FROM "T 1" WHERE x=-1', 'SELECT', 'SELECT "Name" FROM "T 1" WHERE x=?'],
    ['SELECT a1, b_2 FROM t$3', 'SELECT', 'SELECT a1, b_2 FROM t$3'],
    ["SELECT 'never closed", 'SELECT', 'SELECT ?'],
    ["SELECT a #>> '{x,y}', b FROM t WHERE d @> '{\"k\":1}'", 'SELECT', 'SELECT a #>> ?, b FROM t WHERE d @> ?'],
    ['', '', ''],
  ])('%s', (text, verb, template) => {
    expect(readStatement(text, false)).toEqual({ verb, template, traceparent: '' });
  });

  it('takes "..." for text where that is the dialect', () => {
    expect(readStatement('SELECT "secret" FROM `t`', true).template).toBe('SELECT ? FROM `t`');
  });

  // Where a text ends can depend on settings and character sets: what may be inside is never taken for words.
  it.each([
    ["'C:\\' , 'sesame'", false, false],
    ["'C:\\\\\\', 'sesame'", false, false],
    ["E'a' 'b\\' , 'sesame'", false, false],
    ["E'\\', sesame'", false, false],
    ["e'\\\\', 'sesame'", false, false],
    ['1 /* a /* b */ sesame */', false, false],
    ['$é$ sesame $é$', false, false],
    ["'C:\\' , 'sesame'", true, true],
    ["'\\', sesame'", true, false],
    ["'\uFFFD\\','sesame', 'b'", true, false],
    ["'\uFFFD\\\\', 'sesame'", true, false],
    ["'\uFFFD\\\\', sesame'", true, false],
    ['1 # sesame\n', true, false],
    ["1 /*!50000 , '*/ sesame' */", true, false],
  ])('SELECT %s', (values, mysql, plainBackslash) => {
    expect(readStatement(`SELECT ${values}`, mysql, plainBackslash || !mysql).template).not.toContain('sesame');
  });

  it('reads on behind a text that ends the same whatever the settings', () => {
    expect(readStatement("SELECT 'a\\\\', 'it''s' FROM t", false).template).toBe('SELECT ? FROM t');
    expect(readStatement("SELECT 'it\\'s' FROM t", true).template).toBe('SELECT ? FROM t');
    expect(readStatement("SELECT E'it\\'s' FROM t", false).template).toBe('SELECT ? FROM t');
  });

  it('a comment for servers of a version is part of the statement (MySQL)', () => {
    expect(readStatement("/*!40101 SET NAMES 'utf8' */;", true)).toEqual({ verb: 'SET', template: 'SET NAMES ?', traceparent: '' });
    expect(readStatement('SELECT /*!40001 SQL_NO_CACHE */ a FROM t /*M!100100 LIMIT 1 */', true).template).toBe(
      'SELECT SQL_NO_CACHE a FROM t LIMIT ?',
    );
    expect(readStatement('SELECT 3*/*!2*/a', true).template).toBe('SELECT ?* ? a');
  });

  it('finds the trace context of a comment', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(readStatement(`SELECT 1 /*route='%2Fa',traceparent='${traceparent}'*/`, false).traceparent).toBe(traceparent);
  });

  it('holds no quoted value, whatever the text', () => {
    const part = fc.constantFrom("'", "''", '\\', '"', '$$', '$a$', '--', '\n', '/*', '*/', '#', 'E', '(', ')', ',', ' ', '?', ';', '=');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const { template } = readStatement(`SELECT 'sesame${parts.filter((p) => p !== "'").join('')}'`, false);
        // A string with pairs of quotes only is one literal: nothing of it is left.
        if (parts.every((p) => !p.includes("'") && p !== '\\')) expect(template).toBe('SELECT ?');
      }),
    );
    fc.assert(fc.property(fc.string({ maxLength: 500 }), (text) => void readStatement(text, true)));
  });

  it('takes time in proportion to its text', () => {
    const texts = [
      `SELECT ${'1,'.repeat(2000)}`,
      "'".repeat(4000),
      '$'.repeat(4000),
      '/*'.repeat(2000),
      `(${'?'.repeat(4000)}`,
      '-'.repeat(4000),
    ];
    for (const text of texts) expect(readStatement(text, false).template.length).toBeLessThanOrEqual(500);
  });
});
