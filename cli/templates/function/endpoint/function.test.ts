import { callFunction, testFunction } from '@ingot/testing'
import { expect, test } from 'vitest'
import endpoint from './function.ts'

// What every function must do: describe itself, refuse what it has not declared, be pure, do what its examples say.
testFunction(endpoint, { test })

test('endpoint puts a tenant on one of the shards of its region', () => {
  for (const tenant of ['a', 'b', 'c', 'd', 'e']) {
    expect(callFunction(endpoint, ['us', tenant])).toMatchObject({
      value: expect.stringMatching(/^https:\/\/us-[1-4]\./),
    })
  }
})

test('endpoint tells which argument it does not take', () => {
  expect(callFunction(endpoint, ['mars', 'acme'])).toMatchObject({ argument: 0 })
})
