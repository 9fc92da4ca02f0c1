import { expect, test } from 'vitest'
import { AddressRefused, isPublicAddress, publicAddress } from './public-address.ts'

test.each([
  '127.0.0.1',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1%eth0',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:a00:1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'nonsense',
])('%s is no address of the public internet', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

test.each(['93.184.216.34', '2606:4700::1111', '::ffff:93.184.216.34'])('%s is one', (address) => {
  expect(isPublicAddress(address)).toBe(true)
})

test('a name is refused when one of its addresses is private, and when it has none', async () => {
  const resolve = (...addresses: string[]) =>
    publicAddress('a.example', async () => addresses.map((address) => ({ address, family: 4 })))
  await expect(resolve('93.184.216.34', '10.0.0.1')).rejects.toThrow(AddressRefused)
  await expect(resolve()).rejects.toThrow('has no address')
  expect(await resolve('93.184.216.34')).toEqual({ address: '93.184.216.34', family: 4 })
})
