using System.Reflection;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions.Descriptors;

/// <summary>An assembly, as one process names it to another.</summary>
/// <param name="Number">Its number in the process that wrote this: that process itself finds it by it.</param>
/// <param name="Name">Its simple name.</param>
/// <param name="VersionId">The id of this very build of it.</param>
/// <param name="Path">Its file; empty where it is bundled into the program.</param>
/// <param name="PlugIn">The plug-in it belongs to; null where it belongs to the program.</param>
internal sealed record AssemblyIdentity(int Number, string Name, Guid VersionId, string Path, PlugInIdentity? PlugIn)
{
    public void Write(ref PayloadWriter writer)
    {
        writer.WriteInt32(Number);
        writer.WriteString(Name);
        writer.WriteGuid(VersionId);
        writer.WriteString(Path);
        writer.WriteInt32(PlugIn?.Number ?? 0);
        if (PlugIn is not null)
            writer.WriteString(PlugIn.MainPath);
    }

    public static AssemblyIdentity Read(ref PayloadReader reader)
    {
        int number = reader.ReadInt32();
        string name = reader.ReadString() ?? throw new InvalidPayloadException("An assembly without a name.");
        Guid versionId = reader.ReadGuid();
        string path = reader.ReadString() ?? "";
        int plugIn = reader.ReadInt32();
        return new(number, name, versionId, path, plugIn == 0 ? null : new(plugIn, reader.ReadString() ?? path));
    }
}

/// <summary>A load context of the host that is not the program's own.</summary>
/// <param name="Number">Its number in that host; 1 or more.</param>
/// <param name="MainPath">The file of its main assembly, whose dependencies are looked up beside it.</param>
internal sealed record PlugInIdentity(int Number, string MainPath);
