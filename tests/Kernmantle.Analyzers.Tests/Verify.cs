using System.Collections.Immutable;
using Kernmantle.Python;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Testing;

namespace Kernmantle.Analyzers.Tests;

/// <summary>Compiles a program against the library and says what an analyzer finds, that it compiles otherwise, and what a fix makes of it.</summary>
internal static class Verify
{
    /// <summary>The platform that runs the tests, and the library: nothing is downloaded, and each file is read once.</summary>
    public static readonly ImmutableArray<MetadataReference> PlatformReferences =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static file => Path.GetFileName(file) is ['S', 'y', 's', 't', 'e', 'm', '.', ..] && !Path.GetFileName(file).StartsWith("System.CommandLine", StringComparison.Ordinal))
            .Select(static file => MetadataReference.CreateFromFile(file)),
    ];

    public static readonly ImmutableArray<MetadataReference> LibraryReferences =
        [MetadataReference.CreateFromFile(typeof(WorkerPool).Assembly.Location), MetadataReference.CreateFromFile(typeof(PythonPool).Assembly.Location)];

    private static readonly ReferenceAssemblies None = new("net10.0");

    /// <param name="source">
    /// A program; <c>[|…|]</c> marks where the rule speaks (<c>{|KM0002:…|}</c> where an analyzer has several), and nothing is marked where it must not.
    /// </param>
    /// <param name="library">False where the program declares the library's types itself.</param>
    /// <param name="expected">What is found at marks with numbers, where more is to be compared than the place.</param>
    /// <param name="settings">Lines of an <c>.editorconfig</c>.</param>
    public static Task FindsAsync<TAnalyzer>(string source, bool library = true, string? settings = null, DiagnosticResult[]? expected = null)
        where TAnalyzer : DiagnosticAnalyzer, new()
    {
        var test = new CSharpAnalyzerTest<TAnalyzer, DefaultVerifier> { TestCode = source };
        test.ExpectedDiagnostics.AddRange(expected ?? []);
        return RunAsync(test, library, settings);
    }

    /// <param name="source">A program, marked as above.</param>
    /// <param name="fixed">What the fix makes of it; the program itself where there is none.</param>
    public static Task FixesAsync<TAnalyzer, TFix>(string source, string @fixed)
        where TAnalyzer : DiagnosticAnalyzer, new()
        where TFix : CodeFixProvider, new() =>
        RunAsync(new CSharpCodeFixTest<TAnalyzer, TFix, DefaultVerifier> { TestCode = source, FixedCode = @fixed, CodeFixTestBehaviors = CodeFixTestBehaviors.SkipFixAllCheck }, library: true, settings: null);

    /// <summary>A program of these statements and types, which has a pool of each kind at hand.</summary>
    public static string Program(string statements, string types = "") =>
        $$"""
        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using System.Threading;
        using System.Threading.Tasks;
        using Kernmantle;

        await using WorkerPool processes = WorkerPool.Processes(1);
        await using WorkerPool threads = WorkerPool.Threads(1);
        await using WorkerPool loop = WorkerPool.EventLoop();
        {{statements}}

        {{types}}
        """;

    private static Task RunAsync(AnalyzerTest<DefaultVerifier> test, bool library, string? settings)
    {
        test.ReferenceAssemblies = None;
        test.TestState.OutputKind = OutputKind.ConsoleApplication;
        test.TestState.AdditionalReferences.AddRange(PlatformReferences);
        if (library)
            test.TestState.AdditionalReferences.AddRange(LibraryReferences);
        if (settings is not null)
            test.TestState.AnalyzerConfigFiles.Add(("/.editorconfig", $"root = true\n[*.cs]\n{settings}\n"));
        return test.RunAsync(TestContext.Current.CancellationToken);
    }
}
