import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LoaderError } from '../loader-error.ts'
import { parseRepositoryAddress, withUser } from './repository-address.ts'

test.for([
  ['https://host/a.git', 'https', 'https://host/a.git'],
  ['https://user:secret@host:8443/a b.git', 'https', 'https://host:8443/a%20b.git'],
  ['ssh://git@host:2222/a.git', 'ssh', 'ssh://git@host:2222/a.git'],
  ['ssh://git:secret@host/a.git', 'ssh', 'ssh://git@host/a.git'],
  ['git@host:team/a.git', 'ssh', 'git@host:team/a.git'],
  ['host:team/a.git', 'ssh', 'host:team/a.git'],
  ['git://host/a.git', 'git', 'git://host/a.git'],
  ['file:///srv/a.git', 'file', 'file:///srv/a.git'],
  ['/srv/a%20b.git', 'file', 'file:///srv/a%2520b.git'],
] as const)('parseRepositoryAddress() reads %s', ([text, scheme, url]) => {
  expect(parseRepositoryAddress(text)).toMatchObject({ scheme, url })
})

test('withUser() puts the user of a key in the place of the one in the address', () => {
  const url = (text: string) => withUser(parseRepositoryAddress(text), 'me')
  expect([url('git@host:a.git'), url('host:a.git')]).toEqual(['me@host:a.git', 'me@host:a.git'])
  expect([url('ssh://git@host/a.git'), url('ssh://host/a.git')]).toEqual(['ssh://me@host/a.git', 'ssh://me@host/a.git'])
})

test('parseRepositoryAddress() gives git nothing that it takes for an option, a program or a password', () => {
  const piece = fc.constantFrom(
    '-',
    '--',
    ':',
    '::',
    '//',
    '/',
    '@',
    'ext',
    'ssh',
    'https',
    'file',
    'host',
    'secret',
    ' ',
    '\n',
    '%',
    '[',
    '.',
  )
  const texts = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join('')),
    fc.webUrl({ withQueryParameters: true }),
  )
  fc.assert(
    fc.property(texts, (text) => {
      try {
        const { url, scheme } = parseRepositoryAddress(text)
        expect(url).not.toMatch(/^-|^[\w+.-]+::|\p{Cc}|^[^/]*\/\/[^/]*:[^/@]*@/u)
        expect(['https', 'http', 'ssh', 'git', 'file']).toContain(scheme)
      } catch (error) {
        if (!(error instanceof LoaderError)) throw error
      }
    }),
    { numRuns: 2000 },
  )
})
