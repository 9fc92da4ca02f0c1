import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryDir } from '../testing/temporary-dir.ts'
import { type GitRun, runGit } from './run-git.ts'

/** A server that takes connections and says nothing. */
async function silent(): Promise<{ readonly url: string; readonly connected: Promise<Socket> }> {
  const server = createServer().listen(0, '127.0.0.1')
  const connected = once(server, 'connection').then(([socket]) => socket as Socket)
  await once(server, 'listening')
  onTestFinished(async () => {
    ;(await connected).destroy()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`, connected }
}

const listing = async (url: string, run: Partial<GitRun>) =>
  runGit(['ls-remote', '--', url], { cwd: await temporaryDir(), timeoutMs: 60_000, scheme: 'http', ...run })

test('runGit() ends a command at its time, with the helpers that it has started', async () => {
  const { url, connected } = await silent()
  const run = listing(url, { timeoutMs: 1500 })
  run.catch(() => undefined)
  const socket = (await connected).resume()
  await expect(run).rejects.toThrow('git ls-remote took longer than 1.5 s')
  if (!socket.closed) await once(socket, 'close')
})

test('runGit() ends a command when its caller gives up', async () => {
  const { url, connected } = await silent()
  const abort = new AbortController()
  const run = listing(url, { signal: abort.signal })
  run.catch(() => undefined)
  await connected
  abort.abort()
  await expect(run).rejects.toThrow('git ls-remote was given up')
  await expect(listing(url, { signal: abort.signal })).rejects.toThrow()
})

test('runGit() ends a command that what is watched stops', async () => {
  const { url } = await silent()
  const error = await listing(url, { watch: async () => 'the repository is too large' }).catch(
    (found: unknown) => found,
  )
  expect(error).toMatchObject({ code: 'git-too-large', message: 'the repository is too large' })
})

test.for(['git', 'file', 'ssh'] as const)('runGit() lets a command for %s not use http', async (scheme) => {
  const error = await listing('http://127.0.0.1:1/x.git', { scheme }).catch((found: unknown) => found)
  expect(error).toMatchObject({ message: "fatal: transport 'http' not allowed" })
})

test('runGit() takes no settings of the user or the machine, and shows no secret', async () => {
  const cwd = await temporaryDir()
  const before = { ...process.env }
  onTestFinished(() => void Object.assign(process.env, before))
  process.env['GIT_CONFIG_PARAMETERS'] = "'user.name=evil'"
  process.env['GIT_DIR'] = '/nonexistent'
  const settings = (await runGit(['config', '--list', '--show-scope'], { cwd, timeoutMs: 60_000 })).toString()
  onTestFinished(() => {
    delete process.env['GIT_CONFIG_PARAMETERS']
    delete process.env['GIT_DIR']
  })
  expect(settings.split('\n').filter((line) => line !== '' && !line.startsWith('command\t'))).toEqual([])
  expect(settings).not.toContain('evil')
  const error = await runGit(['hush-hush'], { cwd, timeoutMs: 60_000, secrets: ['hush-hush'] }).catch(
    (found: unknown) => found,
  )
  expect(String(error)).toContain("git: '(secret)' is not a git command")
})
