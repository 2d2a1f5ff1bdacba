using Kernmantle.Contracts.Requirements;

[assembly: TestFramework(typeof(RequirementFramework))]

namespace Kernmantle.Python.Tests.Interpreters;

/// <summary>The interpreter that the tests of a class start: a path, or a name in PATH.</summary>
public sealed class InterpreterAttribute(string interpreter) : RequirementAttribute(interpreter)
{
    /// <summary>Another one, with the same tests: where both are one file, these would only repeat them.</summary>
    public string? OtherThan { get; init; }

    /// <summary>A module that it is to have.</summary>
    public string? Module { get; init; }

    public override string? Missing => InstalledPrograms.Find(Name) is not { } file ? $"{Name} is not installed."
        : OtherThan is not null && InstalledPrograms.Find(OtherThan) is { } other && Target(file) == Target(other) ? $"{Name} is what {OtherThan} starts."
        : Module is not null && !InstalledPrograms.HasModule(Name, Module) ? $"{Name} has no {Module}."
        : null;

    private static string Target(string file) => File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
}

/// <summary>Which interpreters there are to be tested.</summary>
public sealed class InterpreterRequirementTests : RequirementTests
{
    public static TheoryData<string> Names => NamesIn(typeof(InterpreterRequirementTests).Assembly);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_interpreter_that_tests_start_is_installed(string interpreter) => Check(typeof(InterpreterRequirementTests).Assembly, interpreter);
}
