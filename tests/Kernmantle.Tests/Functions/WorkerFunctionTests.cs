using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Kernmantle.Functions;
using Kernmantle.Functions.Descriptors;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.Functions;

/// <summary>How a worker finds code, and what it says when it cannot.</summary>
public sealed class WorkerFunctionTests
{
    [Fact]
    public void A_build_that_changed_is_not_run()
    {
        Func<int> function = static () => 1;
        byte[] descriptor = Crossing.FunctionOf(function).Descriptor.ToArray();
        byte[] id = typeof(WorkerFunctionTests).Module.ModuleVersionId.ToByteArray();
        descriptor[descriptor.AsSpan().IndexOf(id)] ^= 1;
        foreach (byte[] read in new[] { descriptor, Crossing.Foreign(descriptor) })
        {
            var e = Assert.Throws<FunctionUnavailableException>(() => WorkerFunction.Resolve(read));
            Assert.Equal(FunctionUnavailableReason.CodeChanged, e.Reason);
            Assert.Equal(typeof(WorkerFunctionTests).Assembly.GetName().Name, e.AssemblyName);
            Assert.Contains(typeof(WorkerFunctionTests).Assembly.Location, e.Message, StringComparison.Ordinal);
            Assert.Contains("Restart the host", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_missing_assembly_is_named()
    {
        var identity = new AssemblyIdentity(int.MaxValue, "No.Such.Assembly", Guid.NewGuid(), "/nowhere/No.Such.Assembly.dll", null);
        var e = Assert.Throws<FunctionUnavailableException>(() => AssemblyFinder.Find(identity, Guid.NewGuid()));
        Assert.Equal(FunctionUnavailableReason.AssemblyMissing, e.Reason);
        Assert.Equal("No.Such.Assembly", e.AssemblyName);
        Assert.Contains("/nowhere/", e.Message, StringComparison.Ordinal);
        var plugIn = identity with { PlugIn = new(1, "/nowhere/Main.dll") };
        Assert.Equal(FunctionUnavailableReason.AssemblyMissing, Assert.Throws<FunctionUnavailableException>(() => AssemblyFinder.Find(plugIn, Guid.NewGuid())).Reason);
    }

    [Fact]
    public void A_method_that_is_not_there_is_told()
    {
        Func<int, int> function = Here;
        byte[] descriptor = Crossing.FunctionOf(function).Descriptor.ToArray();
        byte[] token = BitConverter.GetBytes(function.Method.MetadataToken);
        descriptor[descriptor.AsSpan().LastIndexOf(token) + 2] = 0xEE;
        Assert.Equal(FunctionUnavailableReason.MethodMissing, Assert.Throws<FunctionUnavailableException>(() => WorkerFunction.Resolve(descriptor)).Reason);
    }

    [Fact]
    public void Truncated_descriptors_end_in_a_typed_failure()
    {
        int captured = 1;
        byte[] descriptor = Crossing.FunctionOf(() => captured).Descriptor.ToArray();
        for (int length = 0; length < descriptor.Length; length++)
        {
            Exception? e = Record.Exception(() => WorkerFunction.Resolve(descriptor.AsSpan(0, length)));
            Assert.True(e is InvalidPayloadException or FunctionUnavailableException, $"{length}: {e}");
        }
    }

    [Fact]
    public void An_assembly_outside_of_the_program_is_found_by_its_file()
    {
        using var folder = new PlugInFolder();
        Assembly assembly = Assembly.LoadFrom(folder.MainPath);
        Assert.Same(AssemblyLoadContext.Default, AssemblyLoadContext.GetLoadContext(assembly));
        Assert.Equal(12, Crossing.Call(PlugInFolder.Run(assembly), 4));
    }

    [Fact]
    public void A_plug_in_finds_its_own_dependencies()
    {
        using var folder = new PlugInFolder();
        Func<int, int> function = PlugInFolder.Run(new HostContext(folder.MainPath).LoadFromAssemblyPath(folder.MainPath));
        Assert.Equal(12, Crossing.Call(function, 4));
    }

    [Fact]
    public void A_plug_in_has_its_own_older_copy_of_what_the_program_has_too()
    {
        string shared = $"Shared{Guid.NewGuid():N}";
        using PlugInFolder program = new(shared, 13), plugIn = new(shared, 12);
        Assembly.LoadFrom(program.DependencyPath);   // the program's, in the default context
        Func<int, int> function = PlugInFolder.Run(new HostContext(plugIn.MainPath).LoadFromAssemblyPath(plugIn.MainPath));
        Assert.Equal(12, Crossing.Call(function, 1));
    }

    [Fact]
    public void A_plug_in_whose_context_takes_the_programs_newer_one_has_that_in_the_worker_too()
    {
        string shared = $"Shared{Guid.NewGuid():N}";
        using PlugInFolder program = new(shared, 13), plugIn = new(shared, 12);
        Assembly newer = Assembly.LoadFrom(program.DependencyPath);
        var context = new AssemblyLoadContext("host's");
        context.Resolving += (_, name) => name.Name == shared ? newer : null;
        Assert.Equal(13, Crossing.Call(PlugInFolder.Run(context.LoadFromAssemblyPath(plugIn.MainPath)), 1));
    }

    [Fact]
    public void A_dependency_that_only_the_hosts_context_can_find_is_loaded_from_where_it_found_it()
    {
        string shared = $"Elsewhere{Guid.NewGuid():N}";
        using PlugInFolder elsewhere = new(shared, 7), plugIn = new(shared, 7);
        File.Delete(plugIn.DependencyPath);
        var context = new AssemblyLoadContext("host's");
        context.Resolving += (own, name) => name.Name == shared ? own.LoadFromAssemblyPath(elsewhere.DependencyPath) : null;
        Assert.Equal(7, Crossing.Call(PlugInFolder.Run(context.LoadFromAssemblyPath(plugIn.MainPath)), 1));
    }

    [Fact]
    public async Task A_plug_in_that_changed_on_disk_is_told_and_its_next_version_runs_from_a_new_context()
    {
        using PlugInFolder first = new($"Helper{Guid.NewGuid():N}", 1), second = new($"Helper{Guid.NewGuid():N}", 2);
        Func<int, int> old = PlugInFolder.Run(new HostContext(first.MainPath).LoadFromAssemblyPath(first.MainPath));
        File.Move(first.MainPath, $"{first.MainPath}.old");   // what is mapped here stays what it was
        File.Copy(second.MainPath, first.MainPath);
        await using WorkerPool pool = WorkerPool.Processes(1);
        var changed = await Assert.ThrowsAsync<FunctionUnavailableException>(() => pool.RunAsync(old, 1));
        Assert.Equal(FunctionUnavailableReason.CodeChanged, changed.Reason);
        Assert.Contains("in a new AssemblyLoadContext", changed.Message, StringComparison.Ordinal);
        Assert.Equal(2, await pool.RunAsync(PlugInFolder.Run(new HostContext(second.MainPath).LoadFromAssemblyPath(second.MainPath)), 1));
    }

    [Fact]
    public void In_the_same_process_a_plug_in_is_the_same_assembly()
    {
        using var folder = new PlugInFolder();
        Assembly assembly = new HostContext(folder.MainPath).LoadFromAssemblyPath(folder.MainPath);
        byte[] descriptor = Crossing.FunctionOf(PlugInFolder.Run(assembly)).Descriptor.ToArray();
        int contexts = AssemblyLoadContext.All.Count();
        WorkerFunction.Resolve(descriptor);
        Assert.DoesNotContain(AssemblyLoadContext.All.Skip(contexts), c => c.Name == folder.Name);
        WorkerFunction.Resolve(Crossing.Foreign(descriptor));
        WorkerFunction.Resolve(Crossing.Foreign(descriptor));
        Assert.Single(AssemblyLoadContext.All, c => c.Name == folder.Name);
    }

    [Fact]
    public void Types_that_the_program_has_are_those_of_the_program()
    {
        using var folder = new PlugInFolder();
        Type own = new HostContext(folder.MainPath).LoadFromAssemblyPath(folder.MainPath).GetType("Entry")!;
        Delegate function = ((Func<string>)NameOf<int>).Method.GetGenericMethodDefinition().MakeGenericMethod(typeof(Dictionary<,>).MakeGenericType(own.MakeArrayType(), typeof(Probe[,])))
            .CreateDelegate<Func<string>>();
        Assert.Equal("Entry[] Probe[,] True", Crossing.Call((Func<string>)function));
    }

    [Fact]
    public void An_unloadable_plug_in_can_still_be_unloaded()
    {
        using var folder = new PlugInFolder();
        WeakReference context = UseAndUnload(folder);
        for (int i = 0; i < 20 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(context.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseAndUnload(PlugInFolder folder)
    {
        var context = new HostContext(folder.MainPath, isCollectible: true);
        Func<int, int> function = PlugInFolder.Run(context.LoadFromAssemblyPath(folder.MainPath));
        Assert.Same(Crossing.FunctionOf(function), Crossing.FunctionOf(function));
        Assert.Equal(12, Crossing.Call(function, 4));
        context.Unload();
        return new(context);
    }

    private static int Here(int n) => n;

    private static string NameOf<T>()
    {
        Type[] types = typeof(T).GetGenericArguments();
        return $"{types[0].Name} {types[1].Name} {types[1].GetElementType() == typeof(Probe)}";
    }

    internal sealed class Probe;

    private sealed class HostContext(string path, bool isCollectible = false) : AssemblyLoadContext("host's", isCollectible)
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            string beside = Path.Combine(Path.GetDirectoryName(path)!, $"{assemblyName.Name}.dll");
            return File.Exists(beside) ? LoadFromAssemblyPath(beside) : null;
        }
    }
}
