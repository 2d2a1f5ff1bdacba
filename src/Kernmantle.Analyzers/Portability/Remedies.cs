using System.Collections.Generic;
using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Portability;

/// <summary>What to do instead of passing a type, in the words of the exception.</summary>
internal sealed class Remedies
{
    public const string Address = "An address or handle means something else in another process: pass the data.";

    public const string Handle = "A handle means something else in another process: open it there.";

    private const string JsonNode = "Pass ToJsonString() and use JsonNode.Parse there.";

    private readonly Dictionary<ISymbol, string> known = new(SymbolEqualityComparer.Default);
    private readonly List<(INamedTypeSymbol Base, string Remedy)> families = [];
    private readonly INamedTypeSymbol enumerable;

    public Remedies(Compilation compilation)
    {
        enumerable = compilation.GetSpecialType(SpecialType.System_Collections_IEnumerable);
        Add("System.Object", "Declare the type of what it holds.");
        Add("System.Text.StringBuilder", "Pass its text.");
        Add("System.Globalization.CultureInfo", "Pass its Name and look it up there.");
        Add("System.Net.IPAddress", "Pass its text or GetAddressBytes().");
        Add("System.Text.Json.JsonElement", "Pass GetRawText() and parse it there.");
        Add("System.Text.Json.JsonDocument", "Pass RootElement.GetRawText() and parse it there.");
        foreach (string node in (string[])["Node", "Object", "Array", "Value"])
            Add($"System.Text.Json.Nodes.Json{node}", JsonNode);
        Add("System.Type", "Pass its name, or make the function generic.");
        Add("System.IntPtr", Address);
        Add("System.UIntPtr", Address);
        Add("System.Threading.CancellationToken", "Pass or capture the token directly: it then stays linked.");
        AddFamily("System.Delegate", "A function cannot travel inside data: name the method in the lambda that is called.");
        AddFamily("System.IO.Stream", "Pass a file name and open it there, or pass the bytes.");
        foreach (string task in (string[])["Task", "ValueTask", "ValueTask`1"])
            AddFamily($"System.Threading.Tasks.{task}", "Await it here and pass the result.");
        AddFamily("System.Runtime.InteropServices.SafeHandle", Handle);
        AddFamily("System.Collections.Generic.IAsyncEnumerable`1", "Pass a list; a function's own stream comes back through StreamAsync.");
        foreach (string progress in (string[])["IProgress`1", "Progress`1"])
            AddFamily($"System.{progress}", "Pass or capture it directly, declared as IProgress<T>: reports then come back to it.");

        void Add(string name, string remedy)
        {
            if (compilation.GetTypeByMetadataName(name) is { } type)
                known[type] = remedy;
        }

        void AddFamily(string name, string remedy)
        {
            if (compilation.GetTypeByMetadataName(name) is { } type)
                families.Add((type, remedy));
        }
    }

    public string For(ITypeSymbol type)
    {
        if (known.TryGetValue(type, out string? remedy))
            return remedy;
        foreach ((INamedTypeSymbol family, string of) in families)
        {
            if (type.DerivesFrom(family))
                return of;
        }
        return type.Implements(enumerable) ? "Pass an array, List, Dictionary or HashSet of portable items."
            : type.TypeKind == TypeKind.Interface || type.IsAbstract ? "Declare the concrete type."
            : "Pass the data it is made from, as a record, and make it again there.";
    }
}
