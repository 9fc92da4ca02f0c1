import { expect, test } from 'vitest'
import { addressRange } from './address-ranges.ts'
import { originFits } from './policy.ts'

test('addressRange() knows every way to write an address that is not public', () => {
  const ranges = {
    public: ['8.8.8.8', '2606:4700::1111', '172.32.0.1', '::ffff:8.8.8.8', '64:ff9b::808:808'],
    private: [
      '127.0.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '192.168.1.1',
      '0.0.0.0',
      '100.64.0.1',
      '::1',
      '::',
      'fd00::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '64:ff9b::10.0.0.1',
      'ff02::1',
      '224.0.0.1',
      '2002:7f00:1::',
      'nonsense',
    ],
    'link-local': [
      '169.254.169.254',
      'fe80::1',
      'fe80::1%eth0',
      '::ffff:169.254.169.254',
      '::ffff:a9fe:a9fe',
      'fd00:ec2::254',
      '100.100.100.200',
      '64:ff9b::a9fe:a9fe',
    ],
  }
  for (const [range, addresses] of Object.entries(ranges))
    for (const address of addresses) expect([address, addressRange(address)]).toEqual([address, range])
})

test('originFits() compares scheme, host and port', () => {
  const fits = (pattern: string, url: string) => originFits(pattern, new URL(url))
  expect(fits('https://api.acme.example', 'https://api.acme.example/x')).toBe(true)
  expect(fits('api.acme.example', 'https://api.acme.example:443/')).toBe(true)
  expect(fits('API.acme.example:8443', 'https://api.acme.example:8443/')).toBe(true)
  expect(fits('https://*.acme.example', 'https://a.b.acme.example/')).toBe(true)
  expect(fits('http://[::1]:9090', 'http://[::1]:9090/')).toBe(true)
  expect(fits('https://api.acme.example', 'http://api.acme.example/')).toBe(false)
  expect(fits('https://api.acme.example', 'https://api.acme.example:444/')).toBe(false)
  expect(fits('https://*.acme.example', 'https://acme.example/')).toBe(false)
  expect(fits('https://*.acme.example', 'https://evilacme.example/')).toBe(false)
  expect(fits('https://*', 'https://acme.example/')).toBe(false)
  expect(fits('*.0.0.1', 'https://127.0.0.1/')).toBe(false)
})
