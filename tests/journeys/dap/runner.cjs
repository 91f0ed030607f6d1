// Drives Microsoft's DebugClient by JSON lines: one command in, one answer out.
//   {"do": "attach", ...}  ->  {"ok": true, "result": ...}  or  {"ok": false, "error": "..."}
// The end of standard input drops the socket without a word, as a killed editor would.
"use strict";
const readline = require("node:readline");
const { DebugClient } = require("@vscode/debugadapter-testsupport");

const LIMIT_MS = 30_000;
const client = new DebugClient("node", "", "go");
const stops = inbox("stopped");
const initialized = inbox("initialized");
const outputs = [];
let offers = {};
client.on("output", (event) => outputs.push(event.body.output));

/** Keeps events of one type until somebody asks, so that none can slip past. */
function inbox(type) {
  const arrived = [];
  const waiting = [];
  client.on(type, (event) => (waiting.length ? waiting.shift()(event) : arrived.push(event)));
  return { next: () => (arrived.length ? Promise.resolve(arrived.shift()) : new Promise((take) => waiting.push(take))) };
}

async function attach({ port, configuration, breakpoints }) {
  await client.start(port);
  client._socket.once("close", () => {
    lost = new Error("the debug server closed the connection");
    interrupt(lost);
  });
  // VS Code is a client named vscode that handles these; Delve answers differently without them.
  const greeting = await client.initializeRequest({
    clientID: "vscode", adapterID: "go", pathFormat: "path", linesStartAt1: true, columnsStartAt1: true,
    supportsVariableType: true, supportsVariablePaging: true, supportsRunInTerminalRequest: true,
  });
  offers = greeting.body;
  await client.attachRequest(configuration);
  await initialized.next();
  const set = await Promise.all(breakpoints.map(setBreakpoints));
  await client.configurationDoneRequest();
  return set.flat();
}

async function setBreakpoints({ path, lines, condition }) {
  const breakpoints = lines.map((line) => (condition ? { line, condition } : { line }));
  const reply = await client.setBreakpointsRequest({ source: { path }, breakpoints });
  return reply.body.breakpoints.map(({ verified, line, message }) => ({ verified, line: line ?? 0, message: message ?? "" }));
}

async function stopped() {
  const { reason, threadId, text } = (await stops.next()).body;
  const trace = await client.stackTraceRequest({ threadId, startFrame: 0, levels: 20 });
  const frames = trace.body.stackFrames.map((frame) => ({
    id: frame.id, function: frame.name, path: frame.source?.path ?? "", line: frame.line,
  }));
  return { reason, thread: threadId, text: text ?? "", frames };
}

async function locals({ frame }) {
  const { scopes } = (await client.scopesRequest({ frameId: frame })).body;
  const found = await Promise.all(scopes.map((scope) => children({ reference: scope.variablesReference })));
  return found.flat();
}

async function children({ reference }) {
  const { variables } = (await client.variablesRequest({ variablesReference: reference })).body;
  return variables.map(({ name, value, type, variablesReference }) => ({
    name, value, type: type ?? "", reference: variablesReference,
  }));
}

async function evaluate({ frame, expression }) {
  const { result, type, variablesReference } = (
    await client.evaluateRequest({ expression, frameId: frame, context: "watch" })
  ).body;
  return { name: expression, value: result, type: type ?? "", reference: variablesReference };
}

/** Evaluates again and again, several at a time, until the socket breaks; answers after the first. */
async function keepEvaluating({ frame, expression }) {
  const once = () => client.evaluateRequest({ expression, frameId: frame, context: "watch" });
  await once();
  const forever = async () => { for (;;) await once(); };
  for (let lane = 0; lane < 4; lane++) forever().catch(() => {});
  return null;
}

const verbs = {
  attach,
  set_breakpoints: setBreakpoints,
  stopped,
  locals,
  children,
  evaluate,
  keep_evaluating: keepEvaluating,
  step_over: ({ thread }) => client.nextRequest({ threadId: thread }).then(stopped),
  step_in: ({ thread }) => client.stepInRequest({ threadId: thread }).then(stopped),
  step_out: ({ thread }) => client.stepOutRequest({ threadId: thread }).then(stopped),
  resume: ({ thread }) => client.continueRequest({ threadId: thread }).then(() => null),
  stop: () => client.disconnectRequest({ terminateDebuggee: true }).then(() => null),
  offers: () => Promise.resolve(offers),
  disconnect: () => client.disconnectRequest({ terminateDebuggee: false }).then(() => null),
  outputs: async () => outputs,
};

let interrupt = () => {};
let lost = null;

/** Ends a command when its time is over or its socket breaks; the client itself notices neither. */
function bounded(work, name) {
  let timer;
  const broken = new Promise((_, fail) => {
    interrupt = fail;
    if (lost) fail(lost);
    timer = setTimeout(() => fail(new Error(`${name}: no answer within ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  return Promise.race([work, broken]).finally(() => clearTimeout(timer));
}

async function answer(line) {
  const { do: verb, ...details } = JSON.parse(line);
  try {
    return { ok: true, result: await bounded(verbs[verb](details), verb) };
  } catch (error) {
    return { ok: false, error: String(error?.message ?? error) };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answer(line)) + "\n");
  }
  process.exit(0);
}

process.on("uncaughtException", (error) => interrupt(error)); // a refused or reset socket arrives here
process.on("unhandledRejection", (error) => interrupt(error));
main();
