/** What the functions of conditions and updates return: a name and its operands. Their types say where it may stand. */
export class Operator {
  readonly name: string;
  readonly operands: readonly unknown[];

  constructor(name: string, operands: readonly unknown[]) {
    this.name = name;
    this.operands = operands;
  }
}
