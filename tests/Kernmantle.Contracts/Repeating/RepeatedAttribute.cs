using Xunit.v3;

namespace Kernmantle.Contracts.Repeating;

/// <summary>A test whose <see cref="Repetitions"/> find what is rare: eng/fuzz runs it at length.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RepeatedAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Repeated", "at length")];
}
