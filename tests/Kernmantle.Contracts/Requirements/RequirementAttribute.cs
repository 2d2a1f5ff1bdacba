namespace Kernmantle.Contracts.Requirements;

/// <summary>
/// What the tests of a class need beside .NET: an interpreter, a browser. Where it is missing the class is not discovered, and
/// <see cref="RequirementTests"/> says so in one line instead of one for each test.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class RequirementAttribute(string name) : Attribute
{
    public string Name { get; } = name;

    /// <summary>Why the tests are left out on this machine; null where they can run.</summary>
    public abstract string? Missing { get; }
}
