using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;

namespace Kernmantle.Functions.Capturing;

/// <summary>
/// Where the source of a method begins, from the symbols beside or inside its assembly: all lambdas of a method have one name, and only their lines
/// tell them apart. Read when somebody asks for a name, which calls themselves do not. Thread-safe.
/// </summary>
internal static class SourceLines
{
    private static readonly ConditionalWeakTable<Assembly, Symbols> Known = [];

    /// <summary><c>Program.cs:12</c>; null where there are no symbols.</summary>
    public static string? Of(MethodBase method)
    {
        if (method.IsCollectible && method.Module.Assembly.Location.Length == 0)
            return null;
        return Known.GetValue(method.Module.Assembly, static assembly => new(assembly)).LineOf(BodyOf(method));
    }

    /// <summary>The compiler moves what an asynchronous method or an iterator does into a class of its own.</summary>
    private static MethodBase BodyOf(MethodBase method) =>
        method.GetCustomAttribute<StateMachineAttribute>()?.StateMachineType.GetMethod("MoveNext", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic) ?? method;

    private sealed class Symbols
    {
        private readonly MetadataReaderProvider? provider;   // keeps what the reader reads
        private readonly MetadataReader? reader;

        public Symbols(Assembly assembly)
        {
            try
            {
                if (assembly.Location is not { Length: > 0 } path)
                    return;
                using var file = new PEReader(File.OpenRead(path));
                if (file.TryOpenAssociatedPortablePdb(path, static pdb => File.Exists(pdb) ? new MemoryStream(File.ReadAllBytes(pdb)) : null, out provider, out _))
                    reader = provider?.GetMetadataReader();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException or NotSupportedException)
            {
                // A name without a line is still a name.
            }
        }

        public string? LineOf(MethodBase method)
        {
            EntityHandle handle = MetadataTokens.EntityHandle(method.MetadataToken);
            if (reader is null || handle.Kind != HandleKind.MethodDefinition || MetadataTokens.GetRowNumber(handle) > reader.MethodDebugInformation.Count)
                return null;
            try
            {
                foreach (SequencePoint point in reader.GetMethodDebugInformation(((MethodDefinitionHandle)handle).ToDebugInformationHandle()).GetSequencePoints())
                {
                    if (!point.IsHidden)
                        return $"{FileName(reader.GetString(reader.GetDocument(point.Document).Name))}:{point.StartLine}";
                }
            }
            catch (BadImageFormatException)
            {
                // Damaged symbols are none.
            }
            return null;
        }

        /// <summary>The paths are of the machine that compiled it.</summary>
        private static string FileName(string path) => path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
    }
}
