// Prints the licence of every package of which a part went into the bundle.
import { existsSync, readFileSync, readdirSync } from 'node:fs';

const { inputs } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const folders = new Set(
  Object.keys(inputs)
    .map((path) => path.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1])
    .filter((folder) => folder && existsSync(`${folder}/package.json`)),
);

console.log('graphiql.js and graphiql.css contain parts of these packages.\n');
for (const folder of [...folders].sort()) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(`${folder}/${file}`, 'utf8').trim() : '(the package has no licence text of its own)';
  console.log(`${'='.repeat(80)}\n${name} ${version} (${license})\n${'='.repeat(80)}\n\n${text}\n`);
}
