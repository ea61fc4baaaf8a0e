import { hash } from 'node:crypto'
import { canonicalJson } from '../runbook/json.ts'
import { asJson } from '../runbook/plan.ts'
import type { Fleet } from './fleet.ts'

/** sha256 in hex over the rules of a fleet as they were understood, defaults filled in: layout, comments and order of keys do not count. */
export const fleetDigest = (fleet: Fleet): string => hash('sha256', canonicalJson(asJson(fleet)))
