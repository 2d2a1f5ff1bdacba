using System.Reflection;
using System.Reflection.Emit;

namespace Kernmantle.Tests.Functions;

/// <summary>
/// A plug-in, made anew in a folder of its own, and a library that lies beside it. The program knows neither. The plug-in's
/// <c>Entry.Run(int)</c> is <c>n * Helper.Three()</c>.
/// </summary>
internal sealed class PlugInFolder : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-plugin-").FullName;

    public PlugInFolder()
        : this($"Helper{Guid.NewGuid():N}", 3)
    {
    }

    /// <param name="dependencyName">The library's.</param>
    /// <param name="factor">What its <c>Helper.Three</c> really returns; also its major version.</param>
    public PlugInFolder(string dependencyName, int factor)
    {
        Name = $"PlugIn{Guid.NewGuid():N}";
        DependencyName = dependencyName;
        var dependency = new PersistedAssemblyBuilder(new(DependencyName) { Version = new(factor, 0, 0, 0) }, typeof(object).Assembly);
        TypeBuilder helper = dependency.DefineDynamicModule(DependencyName).DefineType("Helper", TypeAttributes.Public);
        MethodBuilder three = helper.DefineMethod("Three", MethodAttributes.Public | MethodAttributes.Static, typeof(int), null);
        ILGenerator il = three.GetILGenerator();
        il.Emit(OpCodes.Ldc_I4, factor);
        il.Emit(OpCodes.Ret);
        helper.CreateType();

        var plugIn = new PersistedAssemblyBuilder(new(Name), typeof(object).Assembly);
        TypeBuilder entry = plugIn.DefineDynamicModule(Name).DefineType("Entry", TypeAttributes.Public);
        il = entry.DefineMethod("Run", MethodAttributes.Public | MethodAttributes.Static, typeof(int), [typeof(int)]).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, three);
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Ret);
        entry.CreateType();
        dependency.Save(DependencyPath);
        plugIn.Save(MainPath);
    }

    public string Name { get; }

    public string DependencyName { get; }

    public string MainPath => Path.Combine(folder, $"{Name}.dll");

    public string DependencyPath => Path.Combine(folder, $"{DependencyName}.dll");

    public static Func<int, int> Run(Assembly assembly) => assembly.GetType("Entry")!.GetMethod("Run")!.CreateDelegate<Func<int, int>>();

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
