import type { Handler } from '../call.ts'

/**
 * The handlers of one service with the SDK's own types: for `HandlersOf<'ec2', typeof import('@aws-sdk/client-ec2')>` the entry
 * `'ec2.DescribeSubnets'` takes a DescribeSubnetsCommandInput and answers a DescribeSubnetsCommandOutput without `$metadata`.
 * Use with `satisfies`.
 */
export type HandlersOf<Service extends string, Client> = {
  readonly [
    Name in keyof Client as Name extends `${infer Operation}Command` ? `${Service}.${Operation}` : never
  ]?: Handler<InputOf<Client[Name]>, OutputOf<Client[Name]>>
}

type Instantiated<Constructor> = Constructor extends abstract new (...parameters: never[]) => infer Made
  ? Made
  : never

type InputOf<Command> = Instantiated<Command> extends { readonly input: infer Input } ? Input : never

type OutputOf<Command> =
  Instantiated<Command> extends {
    resolveMiddleware: (
      ...parameters: never[]
    ) => (...parameters: never[]) => Promise<{ output: infer Output }>
  }
    ? Output
    : never
