import { records } from '@ingot/sdk'
import { z } from 'zod'

export const orders = records('orders', z.strictObject({ id: z.int(), total: z.number() }))
export const refunds = records('orders', z.strictObject({ id: z.int(), refund: z.number() }))
