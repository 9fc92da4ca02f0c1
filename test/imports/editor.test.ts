import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import {
  type CompletionList,
  CompletionRequest,
  DefinitionRequest,
  RenameRequest,
} from 'vscode-languageserver-protocol/node'
import { EditorClient } from '../servers/editor-client.ts'
import { GitOrigin, listen, serveGitOverHttp } from '../servers/git.ts'
import { requireServer } from '../servers/index.ts'

const command = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
const declared = (name: string) => `declare "${name}" {\n\targument "level" {\n\t\toptional = true\n\t}\n}\n`

test(
  'the editor asks nobody: it knows what was fetched earlier, and is silent about the rest',
  { timeout: 120_000 },
  async (context) => {
    requireServer('git', context)
    const origin = GitOrigin.make({ 'lib.alloy': declared('redact') })
    const git = await serveGitOverHttp(origin)
    const requests: string[] = []
    const web = createServer((request, response) => {
      requests.push(request.url!)
      response.end(declared('mask'))
    })
    onTestFinished(() => void web.close())
    const url = `http://127.0.0.1:${await listen(web)}/lib.alloy`
    const main = `import.git "lib" {\n\trepository = "${git.url}"\n\tpath       = "lib.alloy"\n}\n\nimport.http "web" {\n\turl = "${url}"\n}\n\nlib.redact "a" { }\n\nweb.mask "a" { }\n`
    const cacheDir = mkdtempSync(join(tmpdir(), 'ingot-editor-cache-'))
    process.env['INGOT_CACHE'] = cacheDir
    onTestFinished(() => {
      delete process.env['INGOT_CACHE']
      rmSync(cacheDir, { recursive: true, force: true })
    })
    const client = await EditorClient.start({ 'main.alloy': main })
    onTestFinished(() => void client.stop())
    await client.open('main.alloy')
    const complete = async (typed: string) => {
      await client.replace('main.alloy', main + typed.replace('|', ''))
      const found = await client.connection.sendRequest(CompletionRequest.type, client.at('main.alloy', typed))
      return (found as CompletionList).items.map(({ label }) => label)
    }
    // A mistake elsewhere shows that the check is done.
    const checked = async (mistake: string) => {
      await client.replace('main.alloy', `${main}\nloki.write "${mistake}" {\n\t${mistake} = 1\n}\n`)
      const found = await client.diagnostics('main.alloy', (each) =>
        each.some(({ message }) => String(message).includes(`"${mistake}"`)),
      )
      return found.filter(({ severity }) => severity === 1).map(({ code }) => code)
    }
    expect(await checked('before')).toEqual(['unknown-argument'])
    expect({ git: git.authorizations.length, web: requests.length }).toEqual({ git: 0, web: 0 })
    writeFileSync(join(client.folder, 'fetched.alloy'), main)
    await promisify(execFile)(process.execPath, [command, 'validate', join(client.folder, 'fetched.alloy')])
    rmSync(join(client.folder, 'fetched.alloy'))
    const asked = { git: git.authorizations.length, web: requests.length }
    expect(asked).toMatchObject({ git: expect.any(Number), web: 1 })
    expect(await checked('after')).toEqual(['unknown-argument'])
    expect(await complete('\nlib.|')).toContain('lib.redact')
    expect(await complete('\nweb.|')).toContain('web.mask')
    expect(await complete('\nlib.redact "typed" {\n\tl|\n}\n')).toContain('level')
    await client.replace('main.alloy', main)
    const defined = client.connection.sendRequest(DefinitionRequest.type, client.at('main.alloy', 'web.ma|sk "a"'))
    expect(await defined).toMatchObject([{ uri: url }])
    const renaming = { ...client.at('main.alloy', 'lib.red|act "a"'), newName: 'other' }
    await expect(client.connection.sendRequest(RenameRequest.type, renaming)).rejects.toThrow('Cannot rename "redact"')
    await client.replace('main.alloy', `${main}\nlib.unknown "u" { }\n`)
    await client.diagnostics('main.alloy', (each) => each.some(({ code }) => code === 'unknown-component'))
    expect({ git: git.authorizations.length, web: requests.length }).toEqual(asked)
  },
)
