import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { expect, onTestFinished, test, type TestContext } from 'vitest'
import { GitOrigin, serveGitOverHttp, serveGitOverSsh } from '../servers/git.ts'
import { requireServer } from '../servers/index.ts'
import { freePort, ServerProcess, until } from '../servers/process.ts'
import { GitImport, type GitImportOptions } from '@ingot/loader'

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ingot-clone-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

function imported(options: Partial<GitImportOptions> & { readonly repository: string }, dir = folder()): GitImport {
  return new GitImport({ revision: 'main', path: 'lib.alloy', ...options }, dir)
}

function needsGit(context: TestContext): void {
  requireServer('git', context)
}

const texts = (content: { files: readonly { bytes: Uint8Array }[] } | undefined) =>
  content?.files.map(({ bytes }) => Buffer.from(bytes).toString())

test('GitImport takes a tag before a branch before a commit', async (context) => {
  needsGit(context)
  const origin = GitOrigin.make({ 'lib.alloy': 'one' })
  const first = origin.git('rev-parse', 'HEAD')
  origin.git('branch', 'v1')
  origin.commit({ 'lib.alloy': 'two' })
  const branch = imported({ repository: origin.path, revision: 'v1' })
  expect(texts(await branch.fetch())).toEqual(['one'])
  origin.git('tag', 'v1')
  expect(texts(await branch.fetch())).toEqual(['two'])
  expect(texts(await imported({ repository: origin.path, revision: first }).fetch())).toEqual(['one'])
  expect(texts(await imported({ repository: origin.path, revision: first.slice(0, 8) }).fetch())).toEqual(['one'])
  // A tag cannot take the name of a commit.
  origin.git('update-ref', `refs/tags/${first}`, 'HEAD')
  expect(texts(await imported({ repository: origin.path, revision: first }).fetch())).toEqual(['one'])
  const unknown = imported({ repository: origin.path, revision: 'v2' })
  await expect(unknown.fetch()).rejects.toThrow('the repository has no tag, branch or commit "v2"')
  const dir = join(folder(), 'clone')
  const gone = imported({ repository: `${origin.path}-gone` }, dir)
  expect(await gone.kept()).toBeUndefined()
  await expect(gone.fetch()).rejects.toThrow()
  expect(existsSync(dir)).toBe(false)
})

test('GitImport follows a tag that is moved and a branch that is forced elsewhere', async (context) => {
  needsGit(context)
  const origin = GitOrigin.make({ 'lib.alloy': 'one' })
  origin.git('tag', 'v1')
  const tag = imported({ repository: `file://${origin.path}`, revision: 'v1' })
  const main = imported({ repository: `file://${origin.path}` })
  const [before] = [await tag.fetch(), await main.fetch()]
  origin.git('commit', '--quiet', '--amend', '--message=other', '--allow-empty')
  origin.commit({ 'lib.alloy': 'other' })
  origin.git('tag', '--force', '-a', '-m', 'moved', 'v1')
  expect(texts(await tag.fetch())).toEqual(['other'])
  expect(texts(await main.fetch())).toEqual(['other'])
  // What was checked out is still there for a collector that is pinned to it.
  expect((await main.kept(before.commit))?.integrity).toBe(before.integrity)
})

test('GitImport keeps its clone when the repository is gone, and makes it anew when it is damaged', async (context) => {
  needsGit(context)
  const origin = GitOrigin.make({ 'lib.alloy': 'one' })
  const server = await serveGitOverHttp(origin)
  const dir = folder()
  const { commit } = await imported({ repository: server.url }, dir).fetch()
  await server.stop()
  await expect(imported({ repository: server.url }, dir).fetch()).rejects.toThrow(/Failed to connect|Couldn't connect/)
  expect((await imported({ repository: server.url }, dir).kept())?.commit).toBe(commit)
  expect(await imported({ repository: `${server.url}.other` }, dir).kept()).toBeUndefined()
  const again = await serveGitOverHttp(origin, { port: server.port })
  const packs = join(dir, 'repo', '.git', 'objects', 'pack')
  for (const name of readdirSync(packs)) {
    chmodSync(join(packs, name), 0o600)
    truncateSync(join(packs, name), 10)
  }
  expect((await imported({ repository: again.url }, dir).fetch()).commit).toBe(commit)
})

test('GitImport removes what a command that was killed has left', async (context) => {
  needsGit(context)
  const origin = GitOrigin.make({ 'lib.alloy': 'one' })
  const dir = folder()
  const clone = imported({ repository: origin.path }, dir)
  await clone.place((await clone.fetch()).commit)
  const left = [
    '.git/index.lock',
    '.git/refs/remotes/origin/main.lock',
    '.git/objects/pack/tmp_pack_1',
    '.git/HEAD.lock',
  ]
  for (const name of left) writeFileSync(join(clone.root, name), '')
  writeFileSync(join(dir, 'lock'), String(process.pid))
  mkdirSync(join(dir, 'repo.new-x'))
  mkdirSync(join(dir, 'access-x'))
  const { commit } = (origin.commit({ 'lib.alloy': 'two' }), await clone.fetch())
  await clone.place(commit)
  expect(readFileSync(join(clone.root, 'lib.alloy'), 'utf8')).toBe('two')
  expect(left.filter((name) => existsSync(join(clone.root, name)))).toEqual([])
  expect(readdirSync(dir).toSorted()).toEqual(['origin', 'repo'])
})

test('GitImport reads a folder without the folders in it, and says what it cannot read', async (context) => {
  needsGit(context)
  const origin = GitOrigin.make({
    'a b/two.alloy': '2',
    'a b/one.alloy': '1',
    'a b/inner/three.alloy': '3',
    'a b/readme.md': '',
    'docs/readme.md': '',
    '[x].alloy': 'bracket',
  })
  const at = (path: string) => imported({ repository: origin.path, path }).fetch()
  expect(texts(await at('a b'))).toEqual(['1', '2'])
  expect(texts(await at('/a b/'))).toEqual(['1', '2'])
  expect(texts(await at('a b/inner/../one.alloy'))).toEqual(['1'])
  expect(texts(await at('.'))).toEqual(['bracket'])
  expect(texts(await at('[x].alloy'))).toEqual(['bracket'])
  await expect(at('docs')).rejects.toThrow('the folder has no *.alloy file')
  await expect(at('missing.alloy')).rejects.toThrow('the repository has no such file or folder')
})

test('GitImport takes no file that is larger than a configuration, however small it is in the repository', async (context) => {
  needsGit(context)
  const origin = GitOrigin.make({ 'lib.alloy': ' '.repeat(16 * 2 ** 20 + 1) })
  const fetching = imported({ repository: origin.path }).fetch()
  await expect(fetching).rejects.toThrow('16777217 bytes, at most 16777216 are taken')
})

test('GitImport speaks the protocol of git daemon', async (context) => {
  needsGit(context)
  const origin = GitOrigin.make({ 'lib.alloy': 'one' })
  const port = await freePort()
  const args = ['daemon', '--export-all', '--reuseaddr', '--listen=127.0.0.1', `--port=${port}`, '--verbose']
  const daemon = new ServerProcess('git', [...args, `--base-path=${dirname(origin.path)}`])
  onTestFinished(() => daemon.stop())
  await until(() => daemon.output.includes('Ready to rumble'), 'git daemon to listen')
  const repository = `git://127.0.0.1:${port}/${basename(origin.path)}`
  expect(texts(await imported({ repository }).fetch())).toEqual(['one'])
})

test('GitImport lets no link lead out of the repository', async (context) => {
  needsGit(context)
  const origin = GitOrigin.make({ 'lib.alloy': 'one' })
  origin.link('passwd.alloy', '/etc/passwd')
  origin.link('outside', '/etc')
  origin.commitAll()
  for (const path of ['passwd.alloy', '.', 'outside/passwd']) {
    const clone = imported({ repository: origin.path, path })
    await expect(clone.fetch()).rejects.toThrow(/it is a link|no such file or folder/)
  }
  const clone = imported({ repository: origin.path })
  await clone.place((await clone.fetch()).commit)
  expect(['passwd.alloy', 'outside'].map((name) => lstatSync(join(clone.root, name)).isSymbolicLink())).toEqual([
    false,
    false,
  ])
})

test('GitImport runs nothing that a repository brings', async (context) => {
  needsGit(context)
  const proof = join(folder(), 'ran')
  const origin = GitOrigin.make({
    'lib.alloy': 'one',
    '.gitattributes': '* filter=evil\n',
    '.gitmodules': `[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% ${proof}\n`,
    'hooks/post-checkout': `#!/bin/sh\ntouch ${proof}\n`,
  })
  origin.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},x`)
  origin.git('commit', '--quiet', '--message=submodule')
  const clone = imported({ repository: origin.path })
  await clone.place((await clone.fetch()).commit)
  expect(existsSync(proof)).toBe(false)
})

test('GitImport refuses a commit that unpacks to more than the disk is for', { timeout: 60_000 }, async (context) => {
  needsGit(context)
  const origin = GitOrigin.make({ 'lib.alloy': 'one' })
  const script = ['commit refs/heads/many', 'committer T <t@example.com> 1700000000 +0000', 'data 1', 'x']
  const blob = origin.git('hash-object', '-w', 'lib.alloy')
  // 100,001 names of one object.
  const tree = Array.from({ length: 100_001 }, (_, i) => `M 100644 ${blob} d${i % 100}/f${i}`)
  const input = [...script, ...tree, ''].join('\n')
  execFileSync('git', ['fast-import', '--quiet'], { cwd: origin.path, input })
  const clone = imported({ repository: origin.path, revision: 'many', path: 'd1/f1' })
  const { commit } = await clone.fetch()
  await expect(clone.place(commit)).rejects.toThrow('the commit has 100001 files')
})

test.for([
  'ext::sh -c true',
  '-u./evil',
  '--upload-pack=evil',
  'ssh://-oProxyCommand=evil/x',
  '-oProxyCommand=evil:x',
  'host:-evil',
  'ftp://host/x.git',
  'github.com/acme/x',
  'https://',
  'fd::17',
  '',
  'https://host/x\nevil',
])('GitImport refuses the repository %j', (repository) => {
  expect(() => imported({ repository })).toThrow(/want an address with https, http, ssh, git or file/)
})

test.for([
  '',
  '-x',
  '--upload-pack=x',
  'a..b',
  'a b',
  'a~1',
  'a^',
  'x:y',
  '@',
  'HEAD',
  'FETCH_HEAD',
  'ORIG_HEAD',
  'a@{1}',
  'a//b',
  '/a',
  'a/',
  '.a',
  'a.lock',
  'a\n',
  'x?',
  'x*',
  '[x',
  'a\\b',
  'x'.repeat(256),
])('GitImport refuses the revision %j', (revision) => {
  expect(() => imported({ repository: '/x', revision })).toThrow('Cannot use the revision')
})

test('GitImport refuses a path out of the repository, and credentials of another transport', () => {
  for (const path of ['..', '../x', 'a/../../x', '/../x', 'a\0b'])
    expect(() => imported({ repository: '/x', path })).toThrow('want one inside of the repository')
  const basic = { kind: 'basic', username: 'u', password: 'p' } as const
  expect(() => imported({ repository: 'git@host:x', auth: basic })).toThrow('Cannot use basic_auth over ssh')
  const ssh = { kind: 'ssh', username: 'u', key: { file: '/k' }, passphrase: undefined } as const
  expect(() => imported({ repository: 'https://host/x', auth: ssh })).toThrow('Cannot use ssh_key over https')
})

const basic = { kind: 'basic', username: 'reader', password: 's3cr:t pass' } as const

test('GitImport logs in with basic authentication, and writes the password nowhere', async (context) => {
  needsGit(context)
  const origin = GitOrigin.make({ 'lib.alloy': 'one' })
  const server = await serveGitOverHttp(origin, { user: `${basic.username}:${basic.password}` })
  const dir = folder()
  expect(texts(await imported({ repository: server.url, auth: basic }, dir).fetch())).toEqual(['one'])
  const inAddress = server.url.replace('//', `//${basic.username}:${encodeURIComponent(basic.password)}@`)
  expect(texts(await imported({ repository: inAddress }).fetch())).toEqual(['one'])
  expect(imported({ repository: inAddress }).address).toBe(server.url)
  const written = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const holding = written.filter((entry) => /s3cr/.test(readFileSync(join(entry.parentPath, entry.name), 'latin1')))
  expect(holding).toEqual([])
  const wrong = imported({ repository: server.url, auth: { ...basic, password: 'wr0ng' } })
  const error = await wrong.fetch().catch((found: Error) => found)
  expect(String(error)).toMatch(/Authentication failed/)
  expect(String(error)).not.toMatch(/wr0ng/)
  await expect(imported({ repository: server.url }).fetch()).rejects.toThrow(/could not read Username/)
})

test('GitImport tells no other server the password', async (context) => {
  needsGit(context)
  const origin = GitOrigin.make({ 'lib.alloy': 'one' })
  const thief = await serveGitOverHttp(origin, { user: 'nobody:knows' })
  const redirecting = await serveGitOverHttp(origin, { redirectTo: new URL(thief.url).origin })
  await expect(imported({ repository: redirecting.url, auth: basic }).fetch()).rejects.toThrow()
  expect(thief.authorizations.length).toBeGreaterThan(0)
  expect(thief.authorizations.filter(Boolean)).toEqual([])
})

test.for(['', 'open sesame'])(
  'GitImport logs in over SSH with a key whose passphrase is %j',
  { timeout: 60_000 },
  async (passphrase, context) => {
    needsGit(context)
    const origin = GitOrigin.make({ 'lib.alloy': 'one' })
    const ssh = await serveGitOverSsh(requireServer('sshd', context), origin, passphrase)
    const known = process.env['SSH_KNOWN_HOSTS']
    onTestFinished(() => {
      if (known === undefined) delete process.env['SSH_KNOWN_HOSTS']
      else process.env['SSH_KNOWN_HOSTS'] = known
    })
    const auth = (key: { file: string } | { text: string }, secret = passphrase) =>
      ({ kind: 'ssh', username: ssh.user, key, passphrase: secret === '' ? undefined : secret }) as const
    process.env['SSH_KNOWN_HOSTS'] = '/nonexistent'
    const stranger = imported({ repository: ssh.url, auth: auth({ text: ssh.key }) })
    await expect(stranger.fetch()).rejects.toThrow(/Host key verification failed/)
    process.env['SSH_KNOWN_HOSTS'] = ssh.knownHosts
    const dir = folder()
    expect(texts(await imported({ repository: ssh.url, auth: auth({ text: ssh.key }) }, dir).fetch())).toEqual(['one'])
    expect(texts(await imported({ repository: ssh.url, auth: auth({ file: ssh.keyFile }) }).fetch())).toEqual(['one'])
    expect(readdirSync(dir).toSorted()).toEqual(['origin', 'repo'])
    if (passphrase === '') return
    const wrong = imported({ repository: ssh.url, auth: auth({ text: ssh.key }, 'other') })
    await expect(wrong.fetch()).rejects.toThrow(/Permission denied/)
  },
)

test('GitImport says when git is not installed', async () => {
  const path = process.env['PATH']
  onTestFinished(() => void (process.env['PATH'] = path))
  process.env['PATH'] = '/nonexistent'
  const error = await imported({ repository: '/x' })
    .fetch()
    .catch((found: unknown) => found)
  expect(error).toMatchObject({ code: 'git-missing', message: 'the program "git" is not installed, or not in PATH' })
})
