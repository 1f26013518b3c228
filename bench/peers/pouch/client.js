// node client.js FOLDER ADDRESS: PouchDB as a worker; one JSON command a line, one JSON answer a line.
const PouchDB = require('pouchdb');
const lines = require('readline').createInterface({ input: process.stdin });

const [, , folder, address] = process.argv;
const db = new PouchDB(folder);
const cpu = () => { const used = process.cpuUsage(); return (used.user + used.system) / 1e6; };

const operations = {
  async load({ rows }) {
    for (let start = 0; start < rows.length; start += 1000) {
      await db.bulkDocs(rows.slice(start, start + 1000).map(({ id, ...rest }) => ({ _id: id, ...rest })));
    }
    return {};
  },
  async edit({ edits }) {
    const found = await db.allDocs({ keys: edits.map(([key]) => key), include_docs: true });
    const docs = Object.fromEntries(found.rows.map((row) => [row.id, row.doc]));
    await db.bulkDocs(edits.map(([key, mobile, remark]) => ({ ...docs[key], mobile, remark })));
    return {};
  },
  async sync({ way }) {
    const before = cpu();
    const done = await (way === 'push' ? db.replicate.to(address) : db.replicate.from(address));
    return { cpu: cpu() - before, written: done.docs_written };
  },
  async count() {
    return { count: (await db.info()).doc_count };
  },
};

let last = Promise.resolve();
lines.on('line', (line) => {
  last = last.then(async () => {
    const asked = JSON.parse(line);
    let told;
    try { told = await operations[asked.op](asked); } catch (error) { told = { fatal: String(error) }; }
    console.log(JSON.stringify(told));
  });
});
