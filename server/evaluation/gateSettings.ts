/** The thresholds of the gate, each with its reason; docs/gate.md explains them to users. */

export interface GateSettings {
  /**
   * Of the champion's NLL per token, at least this share must be gained on average, beside being sure that there is a
   * gain: two trainings of the same data with other seeds differ really, by something too small to notice.
   */
  readonly minNllGain: number;
  /** Of the interval that must lie wholly on the better side. */
  readonly confidence: number;
  /** Fewer cases, or fewer commits that they come from, prove nothing; see test/unit/evaluation/gateHonesty.test.ts. */
  readonly minCases: number;
  readonly minGroups: number;
  /** Fewer completed lines say nothing on exact match or latency. */
  readonly minCompleted: number;
  /** Exact match may fall by this share of the lines: on 60 lines a single one is 1.7 %. */
  readonly exactMatchMargin: number;
  /** And by more where chance explains it: McNemar's p above this. It is high, as this rule guards and does not prove. */
  readonly exactMatchNoiseP: number;
  /** But never by more than this, whatever chance explains. */
  readonly exactMatchLimit: number;
  /** NLL on other repositories may rise by this share: what is learned here must not be paid for elsewhere. */
  readonly maxOutsideLoss: number;
  /** A line may take this much longer in the middle of all cases; less is not felt, and is noise on a busy machine. */
  readonly maxSlower: number;
  /** The same against the base model alone: any adapter costs about a sixth, and whoever writes more takes longer. */
  readonly maxSlowerThanBase: number;
  /** Of the base model's size. */
  readonly maxSizeShare: number;
  /**
   * A secret may become likelier by this many nats more than random texts of its form do: 7 nats are a thousand times.
   */
  readonly maxSecretGainNats: number;
}

export const defaultGateSettings: GateSettings = {
  minNllGain: 0.01,
  confidence: 0.95,
  minCases: 40,
  minGroups: 8,
  minCompleted: 20,
  exactMatchMargin: 0.02,
  exactMatchNoiseP: 0.2,
  exactMatchLimit: 0.08,
  maxOutsideLoss: 0.02,
  maxSlower: 0.15,
  maxSlowerThanBase: 0.35,
  maxSizeShare: 0.25,
  maxSecretGainNats: 7,
};
