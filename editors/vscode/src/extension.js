// The client: it starts `ingot lsp` and connects it to the editor. Plain JavaScript, so that nothing needs to be built.
'use strict'
const vscode = require('vscode')
const { LanguageClient } = require('vscode-languageclient/node')

/** @type {LanguageClient | undefined} */
let client

/** @param {vscode.ExtensionContext} context */
async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand('ingot.restart', restart),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('ingot') && restart()),
  )
  await start()
}

async function start() {
  const settings = vscode.workspace.getConfiguration('ingot')
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath
  const run = {
    command: settings.get('command', 'ingot'),
    args: ['lsp', ...settings.get('arguments', [])],
    options: folder === undefined ? {} : { cwd: folder },
  }
  client = new LanguageClient('ingot', 'Ingot', run, {
    documentSelector: [{ language: 'alloy-config' }],
    initializationOptions: { configuration: settings.get('configuration', 'folder') },
  })
  try {
    await client.start()
  } catch (error) {
    const settingsButton = 'Open settings'
    const message = `Cannot start "${run.command} lsp": ${error instanceof Error ? error.message : String(error)}`
    const answer = await vscode.window.showErrorMessage(message, settingsButton)
    if (answer) await vscode.commands.executeCommand('workbench.action.openSettings', 'ingot.command')
  }
}

async function restart() {
  await deactivate()
  await start()
}

async function deactivate() {
  const stopping = client
  client = undefined
  if (stopping?.needsStop()) await stopping.stop()
}

module.exports = { activate, deactivate }
