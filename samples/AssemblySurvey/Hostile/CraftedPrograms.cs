using System.Diagnostics;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace AssemblySurvey.Hostile;

/// <summary>Programs that do one thing for ever. They are run by the reader, as plug-ins are.</summary>
internal static class CraftedPrograms
{
    private const string Core = "System.Private.CoreLib";

    public static void WriteSleeping(string path) => WriteLoop(path, "Sleeps", assembly =>
    {
        MemberReferenceHandle sleep = Method(assembly, Core, "System.Threading", nameof(Thread), nameof(Thread.Sleep), returns: null, static p => p.Int32(), 1);
        return il =>
        {
            il.LoadConstantI4(1000);
            il.Call(sleep);
        };
    });

    public static void WriteWriting(string path) => WriteLoop(path, "Writes", assembly =>
    {
        MemberReferenceHandle write = Method(assembly, "System.Console", "System", nameof(Console), nameof(Console.WriteLine), returns: null, static p => p.String(), 1);
        UserStringHandle line = assembly.Metadata.GetOrAddUserString(new string('.', 4000));
        return il =>
        {
            il.LoadString(line);
            il.Call(write);
        };
    });

    public static void WriteOpening(string path) => WriteLoop(path, "Opens", assembly =>
    {
        MemberReferenceHandle open = Method(assembly, Core, "System.IO", nameof(File), nameof(File.OpenRead), (Core, "System.IO", nameof(FileStream)), static p => p.String(), 1);
        UserStringHandle file = assembly.Metadata.GetOrAddUserString("/dev/null");
        return il =>
        {
            il.LoadString(file);
            il.Call(open);
            il.OpCode(ILOpCode.Pop);
        };
    });

    public static void WriteStarting(string path) => WriteLoop(path, "Starts", assembly =>
    {
        const string library = "System.Diagnostics.Process";
        MemberReferenceHandle start = Method(assembly, library, "System.Diagnostics", nameof(Process), nameof(Process.Start), (library, "System.Diagnostics", nameof(Process)), static p => p.String(), 2);
        UserStringHandle file = assembly.Metadata.GetOrAddUserString("sleep"), argument = assembly.Metadata.GetOrAddUserString("1000");
        return il =>
        {
            il.LoadString(file);
            il.LoadString(argument);
            il.Call(start);
            il.OpCode(ILOpCode.Pop);
        };
    });

    private static void WriteLoop(string path, string name, Func<CraftedAssembly, Action<InstructionEncoder>> prepare)
    {
        CraftedAssembly assembly = new(name);
        assembly.AddType("Program", TypeAttributes.Public);
        Action<InstructionEncoder> step = prepare(assembly);
        BlobBuilder signature = new();
        new BlobEncoder(signature).MethodSignature().Parameters(0, static type => type.Void(), static _ => { });
        MethodDefinitionHandle main = assembly.AddMethod("Main", signature, il =>
        {
            LabelHandle again = il.DefineLabel();
            il.MarkLabel(again);
            step(il);
            il.Branch(ILOpCode.Br, again);
        });
        assembly.Save(path, main);
    }

    /// <summary>A static method of the platform, all of whose parameters have one type.</summary>
    private static MemberReferenceHandle Method(
        CraftedAssembly assembly, string library, string space, string type, string name, (string Library, string Space, string Type)? returns, Action<SignatureTypeEncoder> parameter, int parameters)
    {
        BlobBuilder signature = new();
        new BlobEncoder(signature).MethodSignature().Parameters(
            parameters,
            result =>
            {
                if (returns is { } r)
                    result.Type().Type(assembly.TypeOf(r.Library, r.Space, r.Type), isValueType: false);
                else
                    result.Void();
            },
            all =>
            {
                for (int i = 0; i < parameters; i++)
                    parameter(all.AddParameter().Type());
            });
        return assembly.Metadata.AddMemberReference(assembly.TypeOf(library, space, type), assembly.Metadata.GetOrAddString(name), assembly.Metadata.GetOrAddBlob(signature));
    }
}
