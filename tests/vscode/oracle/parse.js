// Reads texts as VS Code does: one JSON string a line in, one JSON array a line out, [accepted, value].
const {parse} = require("jsonc-parser");
require("readline").createInterface({input: process.stdin}).on("line", (line) => {
  const faults = [];
  const value = parse(JSON.parse(line).replace(/^\ufeff/, ""), faults, {allowTrailingComma: true, allowEmptyContent: true});
  console.log(JSON.stringify(faults.length ? [false, null] : [true, value ?? null]));
});
