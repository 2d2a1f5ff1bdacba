using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Testing;

namespace Kernmantle.Analyzers.Tests;

/// <summary>Compiles a program against the library and says what an analyzer finds, and that it compiles otherwise.</summary>
internal static class Verify
{
    /// <summary>The platform that runs the tests: nothing is downloaded.</summary>
    private static readonly ReferenceAssemblies Platform = new("net10.0");

    private static readonly string[] Trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);

    /// <param name="source">A program; <c>[|…|]</c> marks where the rule speaks, and nothing is marked where it must not.</param>
    /// <param name="library">False where the program declares the library's types itself.</param>
    public static Task FindsAsync<TAnalyzer>(string source, bool library = true)
        where TAnalyzer : DiagnosticAnalyzer, new()
    {
        var test = new CSharpAnalyzerTest<TAnalyzer, DefaultVerifier>
        {
            TestCode = source,
            ReferenceAssemblies = Platform,
            TestState = { OutputKind = OutputKind.ConsoleApplication },
        };
        test.TestState.AdditionalReferences.AddRange(Trusted
            .Where(static file => Path.GetFileName(file) is "System.Private.CoreLib.dll" or "System.Runtime.dll" or "System.Collections.dll" or "System.Linq.dll")
            .Concat(library ? [typeof(WorkerPool).Assembly.Location] : [])
            .Select(static file => MetadataReference.CreateFromFile(file)));
        return test.RunAsync(TestContext.Current.CancellationToken);
    }
}
