using System.Reflection;

namespace Kernmantle.Tool.Tests.Compare;

/// <summary>What the tests compare and run.</summary>
internal static class Samples
{
    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "CompareSubject.dll");

    public static string Root { get; } =
        typeof(Samples).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "RepositoryRoot").Value!;

    public static string Script { get; } = Path.Combine(Root, "tests", "CompareSubject", "subject.py");
}
