import { expect, test } from 'vitest'
import { Problem } from '../problem.ts'
import { hashPassword, isPassword, wantStrong } from './password.ts'

test('isPassword() knows a password by its hash, however its accents are composed', async () => {
  const hash = await hashPassword('cafe\u0301 staple horse')
  expect(hash).toMatch(/^scrypt\$32768\$8\$1\$/)
  expect(await isPassword('caf\u00e9 staple horse', hash)).toBe(true)
  expect(await isPassword('cafe staple horse', hash)).toBe(false)
  expect(await isPassword('cafe staple horse', undefined)).toBe(false)
})

test.each(['short', 'aaaaaaaaaaaaaaa', 'abcdefghijklmnop', 'adalovelace1815', 'passwordpassword1', '123456123456'])(
  'wantStrong() refuses "%s"',
  (password) => {
    expect(() => wantStrong(password, 'adalovelace')).toThrow(Problem)
  },
)

test('wantStrong() takes words that have nothing to do with each other', () => {
  expect(() => wantStrong('correct horse battery', 'ada')).not.toThrow()
})
