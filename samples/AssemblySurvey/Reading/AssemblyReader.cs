using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace AssemblySurvey.Reading;

/// <summary>The function that runs in the workers: reads one file. It trusts the file, as most readers do; the process contains the damage.</summary>
internal static class AssemblyReader
{
    /// <exception cref="BadImageFormatException">The file is not a well-formed library or program.</exception>
    public static AssemblyFacts Read(SurveyItem item) =>
        item.Runs ? ProgramRunner.Run(item.Path) : Read(item.Path);

    private static AssemblyFacts Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        using PEReader image = new(file);
        if (!image.HasMetadata)
            return AssemblyFacts.Native;

        MetadataReader reader = image.GetMetadataReader();
        LargestMethods largest = new();
        long ilBytes = 0;
        foreach (MethodDefinitionHandle handle in reader.MethodDefinitions)
        {
            int size = IlSize(image, reader.GetMethodDefinition(handle));
            ilBytes += size;
            if (size > 0)
                largest.Add(handle, size);
        }

        string name = AssemblyName(reader);
        return new(
            IsManaged: true,
            name,
            reader.GetTableRowCount(TableIndex.TypeDef),
            reader.GetTableRowCount(TableIndex.MethodDef),
            ilBytes,
            largest.Named(reader, name));
    }

    /// <summary>Abstract and external methods have no body, and the body of a method in native code is not IL.</summary>
    private static int IlSize(PEReader image, MethodDefinition method) =>
        method.RelativeVirtualAddress == 0 || (method.ImplAttributes & MethodImplAttributes.CodeTypeMask) != MethodImplAttributes.IL
            ? 0
            : image.GetMethodBody(method.RelativeVirtualAddress).GetILReader().Length;

    /// <summary>A module without an assembly manifest goes by its module name.</summary>
    private static string AssemblyName(MetadataReader reader) => reader.IsAssembly
        ? reader.GetString(reader.GetAssemblyDefinition().Name)
        : reader.GetString(reader.GetModuleDefinition().Name);
}
