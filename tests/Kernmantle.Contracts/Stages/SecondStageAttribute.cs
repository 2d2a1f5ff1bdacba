using Xunit.v3;

namespace Kernmantle.Contracts.Stages;

/// <summary>
/// Left out of the test command, for its time; eng/test-launch-forms runs it. For contracts on one more place, transport or interpreter, whose own ways have
/// tests in the first stage; and for what needs a browser, or starts a sample or a tool again and again.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class SecondStageAttribute : Attribute, ITraitAttribute
{
    /// <summary>For rows of a theory; tests/Directory.Build.targets filters by them.</summary>
    public const string Name = "Stage", Value = "second";

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new(Name, Value)];
}
