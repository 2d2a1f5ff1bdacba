using Xunit.v3;

namespace Kernmantle.Contracts.Repeating;

/// <summary>A test whose <see cref="Repetitions"/> find what is rare: eng/fuzz runs it at length.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RepeatedAttribute : Attribute, ITraitAttribute
{
    /// <summary>What it repeats are kills of workers at random moments, and it says how many (<see cref="Repetitions.Tell"/>): eng/nightly runs it until there are enough.</summary>
    public bool Kills { get; init; }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() =>
        Kills ? [new("Repeated", "at length"), new("Kills", "at random moments")] : [new("Repeated", "at length")];
}
