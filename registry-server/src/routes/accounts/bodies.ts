import { z } from 'zod'
import { passwordCharactersMax } from '../../accounts/password.ts'

export const passwordText = z.string().max(passwordCharactersMax)
export const clientText = z.string().trim().min(1).max(100)
