using Gateway.CommandLine;

return await GatewayCommand.RunAsync(args);
