using System.Collections.Concurrent;
using System.Diagnostics;
using Kernmantle.Contracts.Requirements;

[assembly: TestFramework(typeof(RequirementFramework))]

namespace Kernmantle.Python.Tests.Interpreters;

/// <summary>The interpreter that the tests of a class start: a path, or a name in PATH.</summary>
public sealed class InterpreterAttribute(string interpreter) : RequirementAttribute(interpreter)
{
    /// <summary>Another one, with the same tests: where both are one file, these would only repeat them.</summary>
    public string? OtherThan { get; init; }

    public override string? Missing => Find(Name) is not { } file ? $"{Name} is not installed."
        : OtherThan is not null && Find(OtherThan) is { } other && Target(file) == Target(other) ? $"{Name} is what {OtherThan} starts."
        : null;

    public static string? Find(string interpreter) => interpreter.Contains('/')
        ? File.Exists(interpreter) ? interpreter : null
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, interpreter)).FirstOrDefault(File.Exists);

    private static readonly ConcurrentDictionary<string, Lazy<string>> Executables = [];

    /// <summary>
    /// The file that the interpreter is in the end, asked once: pyenv's python3 is a shell script, one start of which costs what ten of an interpreter
    /// do. Tests of how an interpreter is found use the name.
    /// </summary>
    public static string Executable(string interpreter) => Executables.GetOrAdd(interpreter, static name => new(() => Ask(name))).Value;

    private static string Ask(string name)
    {
        using Process process = Process.Start(new ProcessStartInfo(name, ["-I", "-c", "import sys; print(sys.executable)"]) { RedirectStandardOutput = true })!;
        string executable = process.StandardOutput.ReadToEnd().Trim();
        return File.Exists(executable) ? executable : throw new FileNotFoundException($"{name} says that it is '{executable}'.");
    }

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
