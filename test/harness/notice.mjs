// NOTICE: the licences of everything that is bundled into dist/. `npm run notice` writes it; a test holds it to what the bundles hold.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { builds } from '../../esbuild.mjs';
import { ROOT } from './setup.mjs';

/** Licences that let an Apache-2.0 product carry the code. Anything else needs a decision by a person. */
const WELCOME = /^(MIT|ISC|BSD-2-Clause|BSD-3-Clause|0BSD|Apache-2\.0|BlueOak-1\.0\.0|CC0-1\.0|CC-BY-4\.0|Unlicense|Zlib)$/;
const HEAD = `Tracenest
Copyright The Tracenest authors

This product includes the software listed below, each under its own licence.
Written by "npm run notice" from what the bundles hold.
`;

/** Folders of the npm packages whose files are in a bundle, by what esbuild put there. */
async function bundledPackages() {
  const folders = new Set();
  for (const build of builds({ minify: true })) {
    const { metafile } = await esbuild.build({ ...build, metafile: true, write: false });
    for (const output of Object.values(metafile.outputs))
      for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
        // The innermost node_modules holds the package that the file belongs to.
        const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
        if (found && bytesInOutput > 0) folders.add(path.join(ROOT, found[1]));
      }
  }
  return [...folders];
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const kind = typeof license === 'string' ? license : (license?.type ?? '');
  // "(A OR B)": the choice is ours.
  const alternatives = kind.replace(/[()]/g, '').split(' OR ');
  const chosen = alternatives.find((each) => WELCOME.test(each));
  if (chosen === undefined) throw new Error(`${name}@${version} is bundled; its licence "${kind}" is not among those that are welcome`);
  const files = readdirSync(folder).filter((f) => /^(licen[cs]e|copying|notice)/i.test(f));
  const texts = files.sort().map((f) => readFileSync(path.join(folder, f), 'utf8').replace(/\r/g, '').trim());
  const text = texts.map(withoutApache).join('\n\n') || licenceInReadme(folder);
  if (text === '')
    throw new Error(`${name}@${version} is bundled, but the text of its licence is neither in a file of its own nor in its README`);
  return { name, version, chosen, text };
}

/** The section of the README that is headed as the licence; empty when there is none. Links at its end are left out. */
function licenceInReadme(folder) {
  const file = readdirSync(folder).find((f) => /^readme(\.|$)/i.test(f));
  if (file === undefined) return '';
  const text = readFileSync(path.join(folder, file), 'utf8').replace(/\r/g, '');
  const [, section = ''] = /^#+ *licen[cs]e *#*\n(.*?)(?=^#+ |^\[[^\]]+\]: |(?![\s\S]))/ims.exec(text) ?? [];
  // A mere "MIT" is no text of a licence.
  return /copyright/i.test(section) && /permi(ssion|tted)/i.test(section) ? section.trim() : '';
}

/** The body of the Apache licence is in LICENSE, once is enough; who holds the copyright stays. */
function withoutApache(text) {
  if (!/Apache License\s+Version 2\.0, January 2004/.test(text)) return text;
  const holders = text.split('\n').filter((line) => /^\s*Copyright .*\d{4}/.test(line) && !line.includes('[yyyy]'));
  return [...holders.map((line) => line.trim()), 'Licensed under the Apache License, Version 2.0; its text is in LICENSE.'].join('\n');
}

export async function notice() {
  const packages = (await bundledPackages()).map(licenceOf).sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
  const parts = packages.map(({ name, version, chosen, text }) => `${'-'.repeat(80)}\n${name} ${version}, ${chosen}\n\n${text}\n`);
  return { text: `${HEAD}\n${parts.join('\n')}`, packages };
}

if (process.argv[1] === import.meta.filename) {
  const file = path.join(ROOT, 'NOTICE');
  const { text, packages } = await notice();
  const same = existsSync(file) && readFileSync(file, 'utf8') === text;
  writeFileSync(file, text);
  console.log(`${file} lists ${packages.length} packages${same ? '; it was current' : ''}`);
  for (const { name, version, chosen } of packages) console.log(`  ${name} ${version}, ${chosen}`);
}
