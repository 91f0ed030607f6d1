// Stands for the Go extension, which no package registry has: for a remote attach it does no more than this.
const vscode = require("vscode");

exports.activate = (context) => {
  const createDebugAdapterDescriptor = ({ configuration }) =>
    new vscode.DebugAdapterServer(configuration.port, configuration.host);
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory("go", { createDebugAdapterDescriptor }),
  );
};
