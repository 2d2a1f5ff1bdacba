using Kernmantle.Payloads;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Refusal = Kernmantle.Payloads.Preflight.Refusal;

namespace Kernmantle.Analyzers.Tests.Portability;

/// <summary>The walk over symbols says of each type what the library's walk over types says: whether it crosses, and what to do instead.</summary>
public sealed class SameAsAtRunTimeTests
{
    private static readonly string Platform = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    [Fact]
    public void Of_every_type_of_the_platform()
    {
        // As programs are compiled: against the assemblies that show what is public, where an SDK is here.
        string packs = Path.Combine(Platform, "../../../packs/Microsoft.NETCore.App.Ref");
        string references = Directory.Exists(packs) ? Directory.EnumerateDirectories(packs).Select(static d => Path.Combine(d, "ref/net10.0")).Where(Directory.Exists).Order(StringComparer.Ordinal).LastOrDefault() ?? Platform : Platform;
        Compare(
            [.. Directory.EnumerateFiles(references, "System.*.dll").Select(static f => MetadataReference.CreateFromFile(f)), .. Verify.LibraryReferences],
            AppDomain.CurrentDomain.GetAssemblies().Where(static a => !a.IsDynamic && Path.GetDirectoryName(a.Location) == Platform)
                .SelectMany(static a => a.GetExportedTypes()).Where(static t => !t.IsGenericType && !(t.IsAbstract && t.IsSealed) && t != typeof(void) && t.Name is not ("TypedReference" or "ArgIterator" or "RuntimeArgumentHandle")));
    }

    [Fact]
    public void Of_types_of_programs() => Compare(
        [.. Verify.PlatformReferences, .. Verify.LibraryReferences, MetadataReference.CreateFromFile(typeof(SameAsAtRunTimeTests).Assembly.Location)],
        [typeof(PublicWhole), typeof(PublicOfFile), typeof(PublicStruct), typeof(PublicStructOfText), typeof(PublicRecord), typeof(PublicAbstract), typeof(PublicItems), typeof(IPublic), typeof(PublicOfToken), typeof(PublicNoConstructor)]);

    private static void Compare(IEnumerable<MetadataReference> references, IEnumerable<Type> types)
    {
        var compilation = CSharpCompilation.Create("Types", references: references, options: new(OutputKind.DynamicallyLinkedLibrary));
        var walk = new Kernmantle.Analyzers.Portability.PortableTypes(compilation);
        List<string> differences = [];
        int compared = 0;
        foreach (Type type in types)
        {
            if (compilation.GetTypeByMetadataName(type.FullName!) is not { DeclaredAccessibility: Accessibility.Public } symbol)
                continue;
            compared++;
            Refusal? library = Codecs.Check(type);
            Kernmantle.Analyzers.Portability.Refusal? analyzer = walk.Check(symbol);
            // Of handles it says more; and the assemblies that programs are compiled against call one class abstract that is none.
            if (library is null != analyzer is null || analyzer is { IsHandle: false } && symbol.IsAbstract == type.IsAbstract && library!.Remedy != analyzer.Remedy)
                differences.Add($"{type}: {library?.Remedy ?? "crosses"} / {analyzer?.Remedy ?? "crosses"}");
        }
        Assert.True(compared >= 10, $"only {compared} types were compared");
        Assert.True(differences.Count == 0, $"{differences.Count} of {compared}: the library / the analyzers\n{string.Join('\n', differences)}");
    }

    public sealed class PublicWhole
    {
        public int Number { get; set; }
        public string Text { get; init; } = "";
    }

    public sealed record PublicOfFile(Stream Source);

    public struct PublicStruct
    {
        private int number;

        public int Next() => ++number;
    }

    public struct PublicStructOfText
    {
        public string Text { get; set; }
    }

    public sealed record PublicRecord(int Number, IReadOnlyList<PublicWhole> Items);

    public abstract class PublicAbstract;

    public sealed class PublicItems : List<int>;

    public interface IPublic;

    public struct PublicOfToken
    {
        public CancellationToken Token { get; set; }
    }

    public sealed class PublicNoConstructor
    {
        private PublicNoConstructor()
        {
        }

        public static PublicNoConstructor Make() => new();
    }
}
