import { describe, expect, test } from 'vitest'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'
import { testModule } from '../testing/test-module.ts'
import { html } from './html.ts'
import { renderMarkdown } from './markdown.ts'

const asBrowser = { accept: 'text/html,application/xhtml+xml' }
const evil = `"><script>alert(1)</script><img src=x onerror='alert(1)'>`

async function text(registry: TestRegistry, path: string): Promise<string> {
  const response = await registry.get(path, asBrowser)
  expect(response.headers.get('content-type')).toContain('text/html')
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  return response.text()
}

describe('the pages', () => {
  test('list modules, and those that are searched for', async () => {
    const registry = await startRegistry()
    expect(await text(registry, '/')).toContain('No module has been published yet')
    await registry.publish(testModule())
    await registry.publish(testModule({ name: '@acme/geo', description: 'Adds places.' }))
    const all = await text(registry, '/')
    expect(all).toContain('href="/@acme/redact"')
    expect(all).toContain('2 modules')
    const some = await text(registry, '/search?q=places')
    expect(some).toContain('@acme/geo')
    expect(some).not.toContain('@acme/redact')
  })

  test('show what a module takes, gives and may do', async () => {
    const registry = await startRegistry()
    const capabilities = { 'http.request': [{ why: 'Asks for names.', from: 'endpoint.url' }] }
    await registry.publish(testModule())
    await registry.publish(testModule({ version: '1.1.0', component: { capabilities } }))
    const parts = {
      '': ['import.module &quot;redact&quot;', '^1.1.0'],
      '/docs': ['redact.pii', '<code>mask</code>', '<code>&quot;*&quot;</code>'],
      '/capabilities': [
        'Sends HTTP requests to what the argument &quot;endpoint.url&quot; names',
        'Asks for names.',
        '+ http.request of endpoint.url',
      ],
      '/versions': ['+ http.request of endpoint.url', '/@acme/redact/1.0.0'],
      '/files': ['components/pii.mjs'],
      '/dependencies': ['depends on no other module'],
      '/dependents': ['Nobody depends on it yet'],
      '/security': ['Reaches outside: http.request', 'Leaf 1 of the log'],
    }
    for (const [tab, wanted] of Object.entries(parts)) {
      const page = await text(registry, `/@acme/redact${tab}`)
      for (const part of wanted) expect(page).toContain(part)
    }
    expect(await text(registry, '/@acme/redact/1.0.0/capabilities')).toContain('It asks the host for nothing')
  })

  test('show what changed between versions, powers first', async () => {
    const registry = await startRegistry()
    const field = (type: string) => ({ type: 'object', properties: { mask: { type } } })
    await registry.publish(testModule({ component: { arguments: field('string') } }))
    const component = {
      arguments: field('number'),
      capabilities: { exec: [{ why: 'Runs it.', values: ['/bin/true'] }] },
    }
    await registry.publish(testModule({ version: '1.1.0', component, code: 'export default 1' }))
    const page = await text(registry, '/@acme/redact/diff/1.0.0...1.1.0')
    for (const part of [
      'may do more',
      '+ exec /bin/true',
      'breaks configurations',
      'string → number',
      'components/pii.mjs',
    ]) {
      expect(page).toContain(part)
    }
    expect(page).toMatch(/side-lines minus" ?>\s*<div><span[^>]*>1<\/span><b>−<\/b><code>export default \{\}<\/code>/)
    expect(page).toMatch(/side-lines plus" ?>\s*<div><span[^>]*>1<\/span><b>\+<\/b><code>export default 1<\/code>/)
    expect(await text(registry, '/@acme/redact/diff/1.1.0...1.0.0')).toContain('− exec /bin/true')
    expect(await text(registry, '/@acme/redact/diff?from=1.0.0&to=1.1.0')).toBe(page)
    expect((await registry.get('/@acme/redact/diff/1.0.0', asBrowser)).status).toBe(404)
  })

  test('compare files line by line as far as there is room, and show nothing of them as our own', async () => {
    const registry = await startRegistry()
    const lines = (word: string, count: number) => Array.from({ length: count }, (_, at) => `${word} ${at}`).join('\n')
    const extra = (word: string) => [
      { path: 'a.txt', content: `${evil} ${word} ${'x'.repeat(5_000)}` },
      { path: 'binary', content: `${word}\0` },
      { path: 'large.txt', content: lines(word, 200_000) },
      { path: 'other.txt', content: lines(word, 5_000) },
    ]
    const added = [
      { path: 'new.txt', content: 'new\n' },
      { path: 'z-1.txt', content: lines('y', 1_500) },
      ...[2, 3, 4, 5].map((number) => ({ path: `z-${number}.txt`, content: lines('z', 1_500) })),
    ]
    await registry.publish(testModule({ extra: extra('one') }))
    await registry.publish(testModule({ version: '1.1.0', extra: [...extra('two'), ...added] }))
    const page = await text(registry, '/@acme/redact/diff/1.0.0...1.1.0')
    const part = (path: string) => new RegExp(`<span class="mono path">${path}</span>[^]*?</details>`).exec(page)![0]
    expect(part('a.txt')).toContain('&lt;img src=x onerror=&#39;alert(1)&#39;&gt; two xxx')
    expect(part('a.txt').length).toBeLessThan(4_000)
    expect(part('binary')).toContain('not text')
    expect(part('large.txt')).toContain('too large')
    expect(part('other.txt')).toContain('written anew')
    expect(part('new.txt')).toMatch(/\+1<[^]*<code>new<\/code>/)
    expect(part('z-3.txt')).toContain('+1500')
    expect(part('z-5.txt')).toContain('more than this page has room for')
    expect(page).not.toMatch(/<img/i)
  })

  test('show files line by line, and nothing of them as our own', async () => {
    const registry = await startRegistry()
    const code = `// ${evil}\nexport const a = \`\n${evil}\`\n`
    await registry.publish(testModule({ code, extra: [{ path: 'image.bin', content: '\0\u{1}' }] }))
    const page = await text(registry, '/@acme/redact/1.0.0/files/components/pii.mjs')
    expect(page).toContain('<tr id="L2"><td><a href="#L2" aria-label="Line 2">2</a></td>')
    expect(page).toContain('<span class="hljs-keyword">export</span>')
    expect(page).not.toMatch(/<img/i)
    expect([...page.matchAll(/<script\b[^>]*>/g)]).toHaveLength(1)
    expect(await text(registry, '/@acme/redact/files/image.bin')).toContain('This file is not text')
    expect((await registry.get('/@acme/redact/files/none.txt', asBrowser)).status).toBe(404)
  })

  test('show the log, who signed what, a scope and modules side by side', async () => {
    const registry = await startRegistry()
    await registry.publish(testModule())
    await registry.publish(testModule({ name: '@acme/geo' }))
    expect(await text(registry, '/log')).toContain('href="/@acme/redact/1.0.0"')
    expect(await text(registry, '/log/0')).toContain('ingot:@acme/redact@1.0.0')
    expect((await registry.get('/log/7', asBrowser)).status).toBe(404)
    const provenance = await text(registry, '/@acme/redact/1.0.0/provenance')
    expect(provenance).toContain(registry.registry.keys.publish.publicKey.keyId)
    expect(provenance).toContain('<span class="chip good">holds</span>')
    const scope = await text(registry, '/@acme')
    expect(scope).toContain('2 modules')
    expect((await registry.get('/@nobody', asBrowser)).status).toBe(404)
    const compared = await text(registry, '/compare?module=@acme/redact&module=@acme/geo')
    expect(compared).toContain('<th scope="col"><a href="/@acme/geo">')
    expect(await text(registry, '/api')).toContain('/api/v1/search')
    expect(await (await registry.get('/sitemap.xml')).text()).toContain('<loc>http://registry.test/@acme/geo</loc>')
    expect(await (await registry.get('/badges/@acme/geo/version.svg')).text()).toContain('v1.0.0')
  })

  test('lead along dependencies, both ways', async () => {
    const registry = await startRegistry()
    await registry.publish(testModule({ name: '@acme/ranges', version: '1.0.0' }))
    await registry.publish(testModule({ name: '@acme/ranges', version: '1.3.0' }))
    const dependencies = { '@acme/ranges': '^1.0.0', '@acme/none': '^2.0.0' }
    await registry.publish(testModule({ manifest: { dependencies } as never }))
    const tree = await text(registry, '/@acme/redact/dependencies')
    expect(tree).toContain('href="/@acme/ranges/1.3.0"')
    expect(tree).toMatch(/@acme\/none<\/strong>\s*<span class="chip bad">not found here/)
    const dependents = await text(registry, '/@acme/ranges/dependents')
    expect(dependents).toContain('1 module')
    expect(dependents).toContain('href="/@acme/redact"')
  })

  test('show nothing of a stranger as our own', async () => {
    const registry = await startRegistry()
    const component = {
      summary: evil,
      docs: evil,
      arguments: { type: 'object', properties: { [evil]: { description: evil, default: evil, type: evil } } },
      exports: { type: 'object', properties: { a: { ingot: { kind: evil } } } },
      capabilities: { [evil]: [{ why: evil, from: evil, values: [evil] }] },
    }
    await registry.publish(testModule({ description: evil, readme: evil, component }))
    const tabs = ['', '/docs', '/capabilities', '/versions', '/files', '/dependencies', '/dependents', '/security']
    const paths = ['/', '/search', `/search?q=${encodeURIComponent(evil)}`, ...tabs.map((tab) => `/@acme/redact${tab}`)]
    for (const path of paths) {
      const page = await text(registry, path)
      for (const [script] of page.matchAll(/<script\b[^>]*>/g))
        expect(script).toMatch(/^<script src="\/assets\/[^"]+" defer>$/)
      expect(page).not.toMatch(/<img/i)
    }
  })

  test('say kindly what is not there', async () => {
    const registry = await startRegistry()
    const response = await registry.get('/@acme/unknown', asBrowser)
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('<h1>There is no such thing</h1>')
  })

  test('load a sheet and a script that may be kept for ever', async () => {
    const registry = await startRegistry()
    const page = await text(registry, '/')
    const paths = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!)
    expect(paths.length).toBeGreaterThanOrEqual(3)
    for (const path of paths) {
      const asset = await registry.get(path)
      expect([asset.status, asset.headers.get('cache-control')]).toEqual([200, expect.stringContaining('immutable')])
    }
  })
})

describe('html``', () => {
  test('escapes what is not html', () => {
    expect(html`<a title="${`"'<>&`}">${[html`<b>${1}</b>`, false, undefined, '<']}</a>`.text).toBe(
      '<a title="&quot;&#39;&lt;&gt;&amp;"><b>1</b>&lt;</a>',
    )
  })
})

describe('renderMarkdown()', () => {
  test.each([
    ['script', '<script>alert(1)</script>'],
    ['a javascript link', '[x](javascript:alert(1))'],
    ['a data link', '[x](data:text/html;base64,PHNjcmlwdD4=)'],
    ['an entity in a link', '[x](&#106;avascript:alert(1))'],
    ['an image', '![x](https://tracker.example/x.png)'],
    ['a style', '<style>body{display:none}</style>'],
    ['a form', '<form action="https://evil.example"><input></form>'],
    ['an event handler', '<p onclick="alert(1)">x</p>'],
  ])('leaves out %s', (_, source) => {
    const { text: rendered } = renderMarkdown(source)
    expect(rendered).not.toMatch(
      /<(?:script|style|form|input|img|iframe|svg)\b|href="(?:javascript|data)|<[^>]+\son\w+=/i,
    )
  })

  test('keeps what a README needs, below our own headings', () => {
    const { text: rendered } = renderMarkdown('# A\n\n[b](https://b.example)\n\n| c |\n|---|\n| `d` |')
    expect(rendered).toContain('<h3>A</h3>')
    expect(rendered).toContain('<a href="https://b.example" rel="nofollow ugc noopener">b</a>')
    expect(rendered).toContain('<td><code>d</code></td>')
  })
})
