using Xunit.v3;

namespace Kernmantle.Contracts.Requirements;

/// <summary>
/// A test of a contract that needs what not each of its subjects has: a class that <see cref="LacksAttribute"/> it does not have the test. A row of a theory has
/// the trait instead: <c>Traits = [NeedsAttribute.Trait, name]</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class NeedsAttribute(string name) : Attribute, ITraitAttribute
{
    /// <summary>The name of the trait.</summary>
    public const string Trait = "Needs";

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new(Trait, name)];
}

/// <summary>What the subject of a class does not have, by the names of <see cref="NeedsAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class LacksAttribute(params string[] names) : Attribute
{
    public IReadOnlyList<string> Names => names;
}
