/** A parameter group: a family's defaults with a customer's values over them. Default groups exist without a row. */
export interface ParameterGroupDesired {
  readonly name: string
  readonly family: string
  readonly description: string
  /** Exactly what the customer set, text for text; a value set to its own default stays here until it is reset. */
  readonly values: Readonly<Record<string, string>>
}
