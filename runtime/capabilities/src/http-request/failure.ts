import { isCapabilityError } from '@ingot/sdk'
import type { Access } from '../access/access.ts'
import { ExchangeError } from './exchange.ts'
import { AddressDenied } from './lookup.ts'
import type { OriginPolicy } from './policy.ts'

/** The coded form of whatever ended an exchange. */
export function failure(access: Access, policy: OriginPolicy, action: string, origin: string, error: unknown): Error {
  if (isCapabilityError(error)) return error
  if (error instanceof ExchangeError) return access.error(error.code, `${action}: ${error.message}`)
  const denied = find(error, (one) => one instanceof AddressDenied)
  if (denied) return policy.addressDenied(origin)
  const { code, message } = error as NodeJS.ErrnoException
  if (
    (error as Error).name === 'HTTPParserError' ||
    code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH' ||
    code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
  ) {
    return access.error('protocol', `${action}: ${message}`, error)
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return access.error('too_large', `${action}: the response's headers are too large`, error)
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED')
    return access.error('invalid', `${action}: ${message}`, error)
  return access.error('unreachable', `${action}: ${messageOf(error)}`, error)
}

/** Node.js gathers the failures of several addresses in one error without a message of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return (error.errors as Error[]).map((one) => one.message).join('; ')
  return (error as Error).message
}

function find(error: unknown, test: (one: unknown) => boolean): unknown {
  if (test(error)) return error
  if (error instanceof AggregateError) return (error.errors as unknown[]).find((one) => find(one, test))
  const { cause } = error as Error
  return cause === undefined ? undefined : find(cause, test)
}
